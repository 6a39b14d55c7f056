#include "report/name_list.hpp"

#include <fmt/format.h>

namespace oct {

std::string name_list(const std::vector<std::string>& names, std::size_t most) {
  const bool all = names.size() <= most + 1;  // "and 1 other" would save nothing
  const std::size_t shown = all ? names.size() : most;
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = all && i + 1 == shown;
    text += (i == 0 ? "" : last ? " and " : ", ") + names[i];
  }
  return all ? text : fmt::format("{} and {} others", text, names.size() - shown);
}

}  // namespace oct
