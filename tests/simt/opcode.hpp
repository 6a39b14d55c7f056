#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "simt/ptx_type.hpp"

namespace oct::simt {

/// "ld.global.v2.u32" taken apart. Each decoder takes the modifiers that it knows; what is left over is not understood.
class Opcode {
 public:
  explicit Opcode(const std::string& text);

  const std::string& base() const { return base_; }

  /// Takes the modifier, if it is there.
  bool take(std::string_view modifier);
  /// Takes the first of the modifiers that is there; its index, or -1.
  template <class Names>
  int take_one_of(const Names& names) {
    int index = 0;
    for (const std::string_view name : names) {
      if (take(name)) return index;
      ++index;
    }
    return -1;
  }
  /// Takes the last type; none if there is none left.
  Type take_type();
  /// Modifiers that nobody took, with dots.
  std::string left_over() const;

 private:
  std::string base_;
  std::vector<std::string> modifiers_;
};

}  // namespace oct::simt
