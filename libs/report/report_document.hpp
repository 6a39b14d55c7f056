#pragma once
#include <string>
#include <vector>

#include "report/render_outcome.hpp"

namespace oct {

/// The document of --report (schema octane.report/1), indented; docs/command_line.md lists its fields. Pure.
std::string report_document(const RenderOutcome& outcome, const std::vector<std::string>& warnings);

}  // namespace oct
