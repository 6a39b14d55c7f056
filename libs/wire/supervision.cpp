#include "wire/supervision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/overloaded.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

constexpr std::string_view kRest = "rest";
constexpr std::string_view kMaster = "master ";
constexpr std::string_view kProgress = "progress ";
constexpr std::string_view kResting = "resting ";

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// What stands behind `mark`.
std::optional<std::string_view> behind(std::string_view line, std::string_view mark) {
  if (!line.starts_with(mark)) return std::nullopt;
  return line.substr(mark.size());
}

/// What stands before the first space and what behind it.
std::pair<std::string_view, std::string_view> cut(std::string_view text) {
  const std::size_t space = std::min(text.find(' '), text.size());
  return {text.substr(0, space), text.substr(std::min(space + 1, text.size()))};
}

std::optional<SlaveWord> rests_of(std::string_view text) {
  const auto [number, others] = cut(text);
  const bool tells_memory = others.find(' ') != std::string_view::npos;
  const auto [code_text, memory] = cut(others);
  const auto which = whole<std::uint64_t>(number);
  const auto code = whole<int>(code_text);
  const auto free_bytes = whole<std::uint64_t>(memory);
  if (!which || !code || *code < 0 || tells_memory != free_bytes.has_value()) return std::nullopt;
  return SlaveRests{*which, *code, free_bytes};
}

}  // namespace

std::string line_of(const DaemonWord& word) {
  return std::visit(Overloaded{[](const RestWord&) { return std::string(kRest); },
                               [](const MasterWord& master) {
                                 return fmt::format("{}{} {} {}", kMaster, master.number, master.address,
                                                    master.port);
                               }},
                    word);
}

std::string line_of(const SlaveWord& word) {
  return std::visit(
      Overloaded{[](const SlaveProgress& said) { return fmt::format("{}{}", kProgress, said.progress); },
                 [](const SlaveRests& said) {
                   const std::string line = fmt::format("{}{} {}", kResting, said.number, said.code);
                   return said.free_gpu_bytes ? fmt::format("{} {}", line, *said.free_gpu_bytes) : line;
                 }},
      word);
}

std::optional<DaemonWord> daemon_word_of(std::string_view line) {
  if (line == kRest) return RestWord{};
  const auto rest = behind(line, kMaster);
  if (!rest) return std::nullopt;
  const auto [number, target] = cut(*rest);
  const auto [address, port] = cut(target);
  const auto which = whole<std::uint64_t>(number);
  const auto where = whole<std::uint16_t>(port);
  if (!which || !where || *where == 0 || address.empty() || address.size() > kMaxAddressBytes)
    return std::nullopt;
  return MasterWord{*which, std::string(address), *where};
}

std::optional<SlaveWord> slave_word_of(std::string_view line) {
  if (const auto text = behind(line, kProgress)) {
    if (const auto number = whole<std::uint64_t>(*text)) return SlaveProgress{*number};
  }
  if (const auto text = behind(line, kResting)) return rests_of(*text);
  return std::nullopt;
}

}  // namespace oct
