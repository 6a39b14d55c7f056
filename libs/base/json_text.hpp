#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace oct {

/// JSON as all programs print it: in one line, or indented by so many blanks. Bytes that are not UTF-8 are
/// replaced.
std::string json_text(const nlohmann::ordered_json& json, int indent = -1);

/// null for an empty text.
nlohmann::ordered_json nullable(const std::string& text);

}  // namespace oct
