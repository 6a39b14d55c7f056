#include "base/columns.hpp"

#include <algorithm>

namespace oct {
namespace {

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
}

std::size_t column_count(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), begins_character));
}

}  // namespace

std::string cut_to_columns(std::string_view line, std::size_t columns) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (begins_character(line[i]) && columns-- == 0) return std::string(line.substr(0, i));
  }
  return std::string(line);
}

std::size_t rows_of(std::string_view lines, std::size_t width) {
  width = std::max<std::size_t>(1, width);
  std::size_t rows = 0;
  for (std::size_t begin = 0; begin <= lines.size();) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    rows += std::max<std::size_t>(1, (column_count(lines.substr(begin, end - begin)) + width - 1) / width);
    begin = end + 1;
  }
  return rows;
}

}  // namespace oct
