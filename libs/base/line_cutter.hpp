#pragma once
#include <string>
#include <string_view>

namespace oct {

/// Cuts a stream of text into lines; a carriage return before the line's end is left out.
class LineCutter {
 public:
  explicit LineCutter(std::size_t longest) : longest_(longest) {}

  /// Calls on_line(std::string) for each line that these bytes complete; one too long comes in pieces.
  template <class OnLine>
  void add(std::string_view bytes, const OnLine& on_line) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const bool whole = end != std::string_view::npos;
      const std::string_view piece = bytes.substr(0, whole ? end : bytes.size());
      const std::size_t room = longest_ - line_.size();
      line_.append(piece.substr(0, room));
      if (piece.size() > room) {
        bytes.remove_prefix(room);
        flush(on_line);
        continue;
      }
      bytes.remove_prefix(piece.size() + (whole ? 1 : 0));
      if (whole) say(on_line);
    }
  }

  /// The end of the stream: what is left is a line, too.
  template <class OnLine>
  void flush(const OnLine& on_line) {
    if (!line_.empty()) say(on_line);
  }

 private:
  template <class OnLine>
  void say(const OnLine& on_line) {
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    std::string line;
    line.swap(line_);
    on_line(std::move(line));
  }

  std::size_t longest_;
  std::string line_;
};

}  // namespace oct
