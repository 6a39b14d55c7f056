#include "gpu/bench/figures.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace oct::bench {
namespace {

/// A text between quotation marks, as JSON has it.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      result += c;
    }
  }
  return result + '"';
}

template <class Items, class Line>
std::string json_list(const Items& items, const Line& line) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "\n    " : ",\n    ") + line(item);
  return text;
}

}  // namespace

void Figures::add(std::string group, std::string name, double value, std::string unit) {
  if (!std::isfinite(value)) return;
  figures_.push_back({std::move(group), std::move(name), value, std::move(unit)});
}

void Figures::leave_out(std::string what, std::string why) {
  left_out_.push_back({std::move(what), std::move(why)});
}

std::string Figures::table() const {
  std::string text, group;
  for (const Figure& figure : figures_) {
    if (figure.group != group) text += fmt::format("{}{}\n", text.empty() ? "" : "\n", figure.group);
    group = figure.group;
    text += fmt::format("  {:<52}{:>12.5g} {}\n", figure.name, figure.value, figure.unit);
  }
  for (const LeftOut& part : left_out_) text += fmt::format("note: {}: left out: {}\n", part.what, part.why);
  return text;
}

std::string Figures::json() const {
  std::string text = "{\n  \"schema\": \"octane.gpu_check/1\"";
  for (const auto& [key, value] : circumstances_)
    text += fmt::format(",\n  {}: {}", quoted(key), quoted(value));
  text += ",\n  \"figures\": [" + json_list(figures_, [](const Figure& figure) {
            return fmt::format(R"({{"group": {}, "name": {}, "value": {:.9g}, "unit": {}}})",
                               quoted(figure.group), quoted(figure.name), figure.value, quoted(figure.unit));
          });
  text += "],\n  \"left_out\": [" + json_list(left_out_, [](const LeftOut& part) {
            return fmt::format(R"({{"what": {}, "why": {}}})", quoted(part.what), quoted(part.why));
          });
  return text + "]\n}\n";
}

}  // namespace oct::bench
