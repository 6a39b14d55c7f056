#pragma once
#include <map>
#include <utility>
#include <vector>

#include "simt/lanes.hpp"

namespace oct::simt {

/// Literals as registers: all lanes hold the value. Equal ones share a place.
class ConstantPool {
 public:
  Operand word(u32 value) { return place(value, false); }
  Operand double_word(u64 value) { return place(value, true); }
  /// For a predicate: all lanes true or false. A word serves, since a predicate is one.
  Operand predicate(bool value) { return place(value ? kAllLanes : 0u, false); }

  const std::byte* data() const { return reinterpret_cast<const std::byte*>(words_.data()); }

 private:
  Operand place(u64 value, bool is_double) {
    const auto [found, added] = known_.try_emplace({value, is_double}, static_cast<u32>(words_.size() * 8));
    if (added) {
      const u64 bits = is_double ? value : value | value << 32;
      words_.insert(words_.end(), is_double ? kLanes : kLanes / 2, bits);
    }
    Operand operand;
    operand.constant = 1;
    operand.offset = found->second & 0x7fffffffu;
    return operand;
  }

  std::vector<u64> words_;
  std::map<std::pair<u64, bool>, u32> known_;
};

}  // namespace oct::simt
