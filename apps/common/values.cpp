#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "common/command_line.hpp"

// Values of options: text to numbers, strictly.

namespace oct {

std::optional<std::uint64_t> parse_whole(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_number(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<std::string> CommandLine::text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> CommandLine::list(std::string_view name) const {
  std::vector<std::string> items;
  const auto found = values_.find(name);
  if (found == values_.end()) return items;
  for (const std::string& value : found->second) {
    std::istringstream stream(value);
    for (std::string item; std::getline(stream, item, ',');) items.push_back(item);
  }
  return items;
}

Result<std::optional<std::uint64_t>> CommandLine::whole(std::string_view name, std::uint64_t least,
                                                        std::uint64_t most) const {
  const std::optional<std::string> given = text(name);
  if (!given) return std::optional<std::uint64_t>();
  const std::optional<std::uint64_t> value = parse_whole(*given);
  if (!value || *value < least || *value > most) {
    return fail(ErrorKind::invalid_input,
                fmt::format("--{} {}: must be a whole number from {} to {}", name, *given, least, most),
                help_.find(name)->second);
  }
  return value;
}

Result<std::optional<double>> CommandLine::number(std::string_view name, double least, double most) const {
  const std::optional<std::string> given = text(name);
  if (!given) return std::optional<double>();
  const std::optional<double> value = parse_number(*given);
  if (!value || *value < least || *value > most) {
    return fail(ErrorKind::invalid_input,
                fmt::format("--{} {}: must be a number from {} to {}", name, *given, least, most),
                help_.find(name)->second);
  }
  return value;
}

Result<std::optional<std::size_t>> CommandLine::choice(std::string_view name,
                                                       const std::vector<std::string>& choices) const {
  const std::optional<std::string> given = text(name);
  if (!given) return std::optional<std::size_t>();
  const auto found = std::find(choices.begin(), choices.end(), *given);
  if (found == choices.end()) {
    return fail(ErrorKind::invalid_input,
                fmt::format("--{} {}: must be one of {}", name, *given, fmt::join(choices, ", ")),
                help_.find(name)->second);
  }
  return std::optional<std::size_t>(static_cast<std::size_t>(found - choices.begin()));
}

std::optional<std::string> nearest(std::string_view typed, const std::vector<std::string>& words) {
  const auto distance = [&](const std::string& word) { return edit_distance(typed, word); };
  const auto best = std::min_element(words.begin(), words.end(),
                                     [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  if (best == words.end() || distance(*best) > std::max<std::size_t>(2, typed.size() / 3))
    return std::nullopt;
  return *best;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace oct
