#include "daemon/id_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <tuple>

#include "wire/limits.hpp"

namespace oct {
namespace {

constexpr std::size_t kMostCards = 64;  // that tell lines apart
constexpr std::string_view kMachine = "machine=", kCards = "cards=";

bool is_id(const std::string& text) {
  return text.size() == kDaemonIdBytes && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::vector<std::string> cards_from(const std::string& list) {
  std::vector<std::string> cards;
  std::istringstream stream(list);
  for (std::string card; std::getline(stream, card, ',');) {
    if (!card.empty()) cards.push_back(card);
  }
  std::sort(cards.begin(), cards.end());
  return cards;
}

std::optional<IdLine> line_from(const std::string& text) {
  std::istringstream words(text);
  IdLine line;
  if (!(words >> line.id) || !is_id(line.id)) return std::nullopt;
  for (std::string word; words >> word;) {
    line.claimed = true;
    if (word.starts_with(kMachine)) line.computer.machine = word.substr(kMachine.size());
    if (word.starts_with(kCards)) line.computer.cards = cards_from(word.substr(kCards.size()));
  }
  return line;
}

std::size_t cards_in_common(const ComputerPrint& a, const ComputerPrint& b) {
  std::vector<std::string> common;
  std::set_intersection(a.cards.begin(), a.cards.end(), b.cards.begin(), b.cards.end(),
                        std::back_inserter(common));
  return common.size();
}

}  // namespace

Result<std::vector<IdLine>> id_lines_from_text(std::string_view text, const std::string& path) {
  std::vector<IdLine> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) {
    if (line.find_first_not_of(" \r") == std::string::npos) continue;
    const auto read = line_from(line);
    if (!read)
      return fail(ErrorKind::invalid_input,
                  fmt::format("{} holds no id of {} hexadecimal digits", path, kDaemonIdBytes),
                  "remove the file; a new one is made at the next start");
    lines.push_back(*read);
  }
  return lines;
}

std::string text_of(const std::vector<IdLine>& lines) {
  std::string text;
  for (const IdLine& line : lines) {
    text += line.id;
    if (line.claimed)
      text += fmt::format(" {}{} {}{}", kMachine, line.computer.machine, kCards,
                          fmt::join(line.computer.cards, ","));
    text += '\n';
  }
  return text;
}

bool may_belong_to(const IdLine& line, const ComputerPrint& computer) {
  if (!line.claimed) return true;
  const ComputerPrint& known = line.computer;
  if (!known.machine.empty() && !computer.machine.empty() && known.machine != computer.machine) return false;
  return known.cards.empty() || computer.cards.empty() || cards_in_common(known, computer) > 0;
}

std::optional<std::size_t> line_of(const std::vector<IdLine>& lines, const ComputerPrint& computer) {
  std::optional<std::size_t> best;
  // An adapter may have been in several of them: then the line counts that lacks fewer of its cards here.
  const auto rank = [&](const IdLine& line) {
    const std::size_t common = cards_in_common(line.computer, computer);
    const std::size_t present = kMostCards - std::min(line.computer.cards.size() - common, kMostCards);
    return std::tuple(line.claimed, common, present);
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (may_belong_to(lines[i], computer) && (!best || rank(lines[i]) > rank(lines[*best]))) best = i;
  }
  return best;
}

}  // namespace oct
