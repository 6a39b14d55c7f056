#include "preferences/json_lines.hpp"

#include <vector>

namespace oct {
namespace {

constexpr std::size_t kDeepest = 64;

/// Walks over the tokens of a JSON text and remembers where it is.
class LineFinder {
 public:
  explicit LineFinder(std::string_view text) : text_(text) {}

  std::map<std::string, std::size_t> find() {
    while (place_ < text_.size() && !too_deep_) step();
    return std::move(lines_);
  }

 private:
  struct Level {
    bool is_object = false;
    std::string key;        ///< of the value that comes, in an object
    std::size_t index = 0;  ///< of the value that comes, in an array
    bool key_known = false;
  };

  void step() {
    const char c = text_[place_];
    if (c == '\n') ++line_;
    if (c == '{' || c == '[') {
      value_begins();
      levels_.push_back({c == '{', {}, 0, false});
      too_deep_ = levels_.size() > kDeepest;
    } else if (c == '}' || c == ']') {
      if (!levels_.empty()) levels_.pop_back();
    } else if (c == ',') {
      if (!levels_.empty()) {
        levels_.back().key_known = false;
        ++levels_.back().index;
      }
    } else if (c == '"') {
      return read_string();
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != ':') {
      value_begins();
      while (place_ + 1 < text_.size() && is_word(text_[place_ + 1])) ++place_;
    }
    ++place_;
  }

  static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '+';
  }

  void read_string() {
    const bool is_key = !levels_.empty() && levels_.back().is_object && !levels_.back().key_known;
    if (!is_key) value_begins();
    std::string content;
    for (++place_; place_ < text_.size() && text_[place_] != '"'; ++place_) {
      if (text_[place_] == '\\') ++place_;  // keys of ours need no escapes
      if (place_ < text_.size()) content += text_[place_];
    }
    ++place_;
    if (!is_key) return;
    levels_.back().key = content;
    levels_.back().key_known = true;
  }

  void value_begins() {
    std::string path;
    for (const Level& level : levels_) {
      if (!path.empty()) path += '.';
      path += level.is_object ? level.key : std::to_string(level.index);
    }
    lines_[path] = line_;
  }

  std::string_view text_;
  std::size_t place_ = 0, line_ = 1;
  bool too_deep_ = false;
  std::vector<Level> levels_;
  std::map<std::string, std::size_t> lines_;
};

}  // namespace

std::map<std::string, std::size_t> json_lines(std::string_view text) {
  return LineFinder(text).find();
}

bool is_nested_too_deep(std::string_view text) {
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
    if (depth > 64) return true;
  }
  return false;
}

}  // namespace oct
