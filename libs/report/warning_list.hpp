#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace oct {

/// The warnings of a render for its report: each text once, with how often it came, at most kMostWarnings of them, in the
/// order they first came. One thread.
class WarningList {
 public:
  static constexpr std::size_t kMostWarnings = 1000;

  void add(const std::string& text);

  /// A line each: "text", "text (3 times)", and "and 12 others" where there were too many.
  std::vector<std::string> lines() const;

 private:
  struct Counted {
    std::string text;
    std::uint64_t times = 1;
  };
  std::vector<Counted> warnings_;
  std::map<std::string, std::size_t> index_;  ///< into warnings_, by text
  std::uint64_t others_ = 0;                  ///< that found no room
};

}  // namespace oct
