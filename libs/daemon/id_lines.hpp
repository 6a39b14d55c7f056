#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/computer.hpp"

// The text of daemon.id. Pure.

namespace oct {

/// "5b1e... machine=0123456789abcdef cards=fedc...,ba98...". A line of an older release is an id alone: it belongs to the
/// first computer that comes.
struct IdLine {
  std::string id;
  ComputerPrint computer;
  bool claimed = false;  ///< by a computer
  friend bool operator==(const IdLine&, const IdLine&) = default;
};

/// invalid_input, naming the file, when a line holds no id.
Result<std::vector<IdLine>> id_lines_from_text(std::string_view text, const std::string& path);
std::string text_of(const std::vector<IdLine>& lines);

/// Whether it may be that computer's: the machine ids are the same, and so is at least one card, as far as both are known.
bool may_belong_to(const IdLine& line, const ComputerPrint& computer);
/// Which of the lines is that computer's: the one with most cards in common, and fewest that are not here.
std::optional<std::size_t> line_of(const std::vector<IdLine>& lines, const ComputerPrint& computer);

}  // namespace oct
