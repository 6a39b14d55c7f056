#include "scene/import_log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/escaped.hpp"

namespace oct {

namespace {

std::string line_of(std::string_view file, std::string_view element, std::string_view text) {
  if (element.empty()) return fmt::format("{}: {}", file, text);
  return fmt::format("{}: {}: {}", file, element, text);
}

}  // namespace

ImportLog::ImportLog(std::string file_name, bool strict)
    : file_name_(escaped(file_name)), is_strict_(strict) {}

std::string ImportLog::line(std::string_view element, std::string_view text) const {
  return line_of(file_name_, element, text);
}

void ImportLog::fault(std::string_view element, std::string_view reason) {
  ++fault_count_;
  if (faults_.size() < kMaxFaults) faults_.push_back(line(element, reason));
}

void ImportLog::fault(std::string_view element, const Error& reason) {
  fault(element, reason.message);
  exhausted_ = exhausted_ || reason.kind == ErrorKind::exhausted;
  if (help_.empty()) help_ = reason.help;
}

void ImportLog::warn(std::string_view element, std::string_view text) {
  add_warning(file_name_, element, text, 1);
}

void ImportLog::mend(std::string_view element, std::string_view text) {
  if (is_strict_) return fault(element, text);
  warn(element, text);
}

void ImportLog::add_warning(const std::string& file, std::string_view element, std::string_view text,
                            std::uint64_t times) {
  auto place = by_text_.find(std::pair(file, std::string(text)));
  if (place == by_text_.end()) {
    if (warnings_.size() == kMaxWarnings) {
      ++dropped_warnings_;
      return;
    }
    place = by_text_.emplace(std::pair(file, std::string(text)), warnings_.size()).first;
    warnings_.push_back({file, std::string(text), {}, {}});
  }
  Warning& warning = warnings_[place->second];
  const auto listed = std::find_if(warning.elements.begin(), warning.elements.end(),
                                   [&](const auto& known) { return known.first == element; });
  if (listed != warning.elements.end()) {
    listed->second += times;
  } else if (warning.known.size() == kMostKnown) {
    ++warning.others;
  } else if (warning.known.emplace(element).second && warning.elements.size() < kMostElements) {
    warning.elements.emplace_back(element, times);
  }
}

void ImportLog::append_lines(const Warning& warning, std::vector<std::string>& lines) {
  const std::uint64_t count = warning.known.size() + warning.others;
  if (count > kMostElements) {
    const std::string element = fmt::format("{} and {} others", warning.elements.front().first, count - 1);
    lines.push_back(line_of(warning.file, element, warning.text));
    return;
  }
  for (const auto& [element, times] : warning.elements) {
    const std::string how_often = times > 1 ? fmt::format(" ({} times)", times) : std::string();
    lines.push_back(line_of(warning.file, element, warning.text) + how_often);
  }
}

void ImportLog::turn_warnings_into_faults() {
  for (std::string& warning : take_warnings()) {
    ++fault_count_;
    if (faults_.size() < kMaxFaults) faults_.push_back(std::move(warning));
  }
}

void ImportLog::take_over(ImportLog& other) {
  for (std::string& fault : other.faults_) {
    if (faults_.size() < kMaxFaults) faults_.push_back(std::move(fault));
  }
  fault_count_ += other.fault_count_;
  exhausted_ = exhausted_ || other.exhausted_;
  if (help_.empty()) help_ = other.help_;
  for (const Warning& warning : other.warnings_) {
    for (const auto& [element, times] : warning.elements)
      add_warning(warning.file, element, warning.text, times);
    for (const std::string& element : warning.known) add_warning(warning.file, element, warning.text, 0);
  }
  dropped_warnings_ += other.dropped_warnings_;
}

Unexpected ImportLog::error() const {
  OCT_CHECK(has_faults());
  std::string message;
  for (const std::string& fault : faults_) {
    if (!message.empty()) message += '\n';
    message += fault;
  }
  if (fault_count_ > faults_.size()) {
    message += fmt::format("\n{}: and {} more", file_name_, fault_count_ - faults_.size());
  }
  return fail(exhausted_ ? ErrorKind::exhausted : ErrorKind::invalid_input, std::move(message), help_);
}

std::vector<std::string> ImportLog::take_warnings() {
  std::vector<std::string> lines;
  for (const Warning& warning : warnings_) append_lines(warning, lines);
  if (lines.size() > kMaxWarnings) {
    dropped_warnings_ += lines.size() - kMaxWarnings;
    lines.resize(kMaxWarnings);
  }
  if (dropped_warnings_ > 0) lines.push_back(line("", fmt::format("and {} more", dropped_warnings_)));
  warnings_.clear();
  by_text_.clear();
  dropped_warnings_ = 0;
  return lines;
}

std::size_t utf8_sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0u) != 0x80u) return 0;
  }
  // no longer than needed, no surrogates, not above U+10FFFF
  if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f)) return 0;
  if ((lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) return 0;
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view text, std::size_t longest) {
  std::string shown;
  while (!text.empty()) {
    if (shown.size() >= longest) return shown + "...";
    const std::size_t length = utf8_sequence_length(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      shown += '?';
    } else {
      shown += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return shown;
}

std::string got_numbers(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  if (text.empty() || text.size() > kLongest) return {};
  std::string rest(text);
  for (const std::string_view word : {"#IND", "#QNAN", "#INF", "nan", "NaN", "NAN", "inf", "Inf", "INF"}) {
    for (std::size_t at = rest.find(word); at != std::string::npos; at = rest.find(word))
      rest.erase(at, word.size());
  }
  const bool numbers = rest.find_first_not_of("0123456789+-.,/eE \t") == std::string::npos;
  return numbers ? fmt::format(", got \"{}\"", printable(text)) : std::string();
}

std::string element_name(std::string_view kind, std::size_t index, std::string_view name) {
  return name.empty() ? fmt::format("{} {}", kind, index) : fmt::format("{} \"{}\"", kind, printable(name));
}

std::string numbered_element_name(std::string_view kind, std::size_t index, std::string_view name) {
  return name.empty() ? fmt::format("{} {}", kind, index)
                      : fmt::format("{} {} \"{}\"", kind, index, printable(name));
}

}  // namespace oct
