#include "report/warning_list.hpp"

#include <fmt/format.h>

#include "base/plural.hpp"

namespace oct {

void WarningList::add(const std::string& text) {
  if (const auto found = index_.find(text); found != index_.end()) {
    ++warnings_[found->second].times;
  } else if (warnings_.size() < kMostWarnings) {
    index_[text] = warnings_.size();
    warnings_.push_back({text});
  } else {
    ++others_;
  }
}

std::vector<std::string> WarningList::lines() const {
  std::vector<std::string> lines;
  for (const Counted& warning : warnings_) {
    lines.push_back(warning.times == 1 ? warning.text
                                       : fmt::format("{} ({} times)", warning.text, warning.times));
  }
  if (others_ > 0) lines.push_back(fmt::format("and {} other{}", others_, plural(others_)));
  return lines;
}

}  // namespace oct
