#include "scene/obj_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace oct {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f' || c == '\0';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// std::from_chars takes no plus sign.
std::string_view without_plus(std::string_view word) {
  if (word.size() > 1 && word[0] == '+' && word[1] != '-') word.remove_prefix(1);
  return word;
}

/// A comment begins at the line's start or after a blank: names may hold a number sign.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#' && (i == 0 || is_blank(line[i - 1]))) return line.substr(0, i);
  }
  return line;
}

}  // namespace

ObjLines::ObjLines(ByteView file) : rest_(reinterpret_cast<const char*>(file.data()), file.size()) {
  if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);  // byte order mark
  constexpr std::size_t kBeginning = 65536;
  const std::string_view beginning = rest_.substr(0, kBeginning);
  if (beginning.find('\n') == std::string_view::npos && beginning.find('\r') != std::string_view::npos)
    line_end_ = '\r';  // as old Macintosh programs end lines
}

std::optional<std::string_view> ObjLines::next() {
  while (!rest_.empty()) {
    number_ = next_number_;
    joined_.clear();
    std::string_view line;
    for (bool continued = true; continued && !rest_.empty();) {
      const std::size_t end = rest_.find(line_end_);
      line = trim(rest_.substr(0, end));
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      ++next_number_;
      continued = line.ends_with('\\');
      if (continued) line.remove_suffix(1);
      if (continued || !joined_.empty()) {
        joined_ += line;
        joined_ += ' ';
      }
    }
    const std::string_view content =
        trim(without_comment(joined_.empty() ? line : std::string_view(joined_)));
    if (!content.empty()) return content;
  }
  return std::nullopt;
}

std::string_view take_word(std::string_view& line) {
  line = trim(line);
  std::size_t length = 0;
  while (length < line.size() && !is_blank(line[length])) ++length;
  const std::string_view word = line.substr(0, length);
  line = trim(line.substr(length));
  return word;
}

std::string_view without_quotes(std::string_view name) {
  for (const char quote : {'"', '\''}) {
    if (name.size() >= 2 && name.front() == quote && name.back() == quote)
      return trim(name.substr(1, name.size() - 2));
  }
  return name;
}

namespace {

/// Within the range of floats; a number too small for one is accepted and becomes 0 later.
std::optional<double> double_of(std::string_view word) {
  word = without_plus(word);
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole_word = error == std::errc() && end == word.data() + word.size();
  if (!whole_word || !(std::fabs(value) <= static_cast<double>(std::numeric_limits<float>::max())))
    return std::nullopt;
  return value;
}

}  // namespace

std::optional<float> float_of(std::string_view word) {
  const std::optional<double> value = double_of(word);
  return value ? std::optional(static_cast<float>(*value)) : std::nullopt;
}

std::optional<std::vector<double>> take_doubles(std::string_view line, std::size_t most) {
  std::vector<double> values;
  while (!line.empty() && values.size() < most) {
    const std::optional<double> value = double_of(take_word(line));
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

std::optional<std::vector<float>> take_floats(std::string_view line, std::size_t most) {
  const auto values = take_doubles(line, most);
  if (!values) return std::nullopt;
  std::vector<float> floats(values->size());
  std::transform(values->begin(), values->end(), floats.begin(),
                 [](double value) { return static_cast<float>(value); });
  return floats;
}

std::optional<long long> integer_of(std::string_view word) {
  word = without_plus(word);
  long long value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace oct
