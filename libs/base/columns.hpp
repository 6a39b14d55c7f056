#pragma once
#include <cstddef>
#include <string>
#include <string_view>

// Text on a terminal. A character of UTF-8 counts as one column; some of East Asia take two.

namespace oct {

/// The front of a line, cut to a number of columns.
std::string cut_to_columns(std::string_view line, std::size_t columns);

/// Rows that lines take on a terminal of this width, which breaks those that are longer; at least 1.
std::size_t rows_of(std::string_view lines, std::size_t width);

}  // namespace oct
