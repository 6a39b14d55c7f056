#include "simt/opcode.hpp"

#include <algorithm>

namespace oct::simt {

Opcode::Opcode(const std::string& text) {
  std::size_t begin = text.find('.');
  base_ = text.substr(0, begin);
  while (begin != std::string::npos) {
    const std::size_t end = text.find('.', begin + 1);
    // "::" belongs to its modifier, as in ".L1::no_allocate"
    modifiers_.push_back(text.substr(begin + 1, end == std::string::npos ? end : end - begin - 1));
    begin = end;
  }
}

bool Opcode::take(std::string_view modifier) {
  const auto found = std::find(modifiers_.begin(), modifiers_.end(), modifier);
  if (found == modifiers_.end()) return false;
  modifiers_.erase(found);
  return true;
}

Type Opcode::take_type() {
  for (std::size_t i = modifiers_.size(); i-- > 0;) {
    const Type type = type_named(modifiers_[i]);
    if (type == Type::none) continue;
    modifiers_.erase(modifiers_.begin() + static_cast<std::ptrdiff_t>(i));
    return type;
  }
  return Type::none;
}

std::string Opcode::left_over() const {
  std::string text;
  for (const std::string& modifier : modifiers_) text += "." + modifier;
  return text;
}

}  // namespace oct::simt
