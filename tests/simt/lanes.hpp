#pragma once
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "data/types.hpp"

// The 32 lanes of a warp. A register of up to 32 bits is an array of 32 words, one of 64 bits an array of 32 double
// words, a predicate 32 bits. Most instructions compute all lanes, in loops that the compiler turns into vector code, and
// keep the results of the active ones.

namespace oct::simt {

using i8 = signed char;
using i16 = short;

inline constexpr u32 kLanes = 32;
inline constexpr u32 kAllLanes = 0xffffffffu;

class Warp;
struct Instruction;

/// Where a register lies: in the frame of the running function, or among the constants of its program.
struct Operand {
  u32 constant : 1 = 0;
  u32 offset : 31 = 0;  ///< bytes
};

/// What holds T in a register.
template <class T>
using Storage = std::conditional_t<sizeof(T) == 8, u64, u32>;

template <class T>
T value_in(Storage<T> bits) {
  if constexpr (std::is_same_v<T, float>) {
    return __builtin_bit_cast(float, bits);
  } else if constexpr (std::is_same_v<T, double>) {
    return __builtin_bit_cast(double, bits);
  } else {
    return static_cast<T>(bits);
  }
}

/// Narrow values are extended with zeros, as reading their register as bits would show.
template <class T>
Storage<T> bits_in(T value) {
  if constexpr (std::is_same_v<T, float>) {
    return __builtin_bit_cast(u32, value);
  } else if constexpr (std::is_same_v<T, double>) {
    return __builtin_bit_cast(u64, value);
  } else {
    return static_cast<Storage<T>>(static_cast<std::make_unsigned_t<T>>(value));
  }
}

/// A warp as an instruction sees it.
class Lanes {
 public:
  explicit Lanes(Warp& of) : warp(of) {}

  /// Lanes that execute the instruction.
  u32 active() const { return active_; }
  void set_active(u32 lanes);

  /// Registers of the running function, and the program's constants.
  void set_banks(std::byte* frame, const std::byte* constants) {
    frame_ = frame;
    constants_ = constants;
  }

  template <class S>
  const S* read(Operand operand) const {
    return reinterpret_cast<const S*>((operand.constant ? constants_ : frame_) + operand.offset);
  }
  template <class S>
  S* write(Operand operand) const {
    return reinterpret_cast<S*>(frame_ + operand.offset);
  }

  u32 predicate(Operand operand) const { return *read<u32>(operand); }
  /// Keeps the bits of inactive lanes.
  void set_predicate(Operand operand, u32 bits) const {
    u32& stored = *write<u32>(operand);
    stored = (bits & active_) | (stored & ~active_);
  }

  /// All ones for an active lane, else zero.
  template <class S>
  const S* mask() const {
    if constexpr (sizeof(S) == 8) {
      return mask64_;
    } else {
      return mask32_;
    }
  }

  Warp& warp;

 private:
  u32 active_ = 0;
  std::byte* frame_ = nullptr;
  const std::byte* constants_ = nullptr;
  alignas(64) u32 mask32_[kLanes] = {};
  alignas(64) u64 mask64_[kLanes] = {};
};

inline void Lanes::set_active(u32 lanes) {
  if (lanes == active_) return;
  active_ = lanes;
  for (u32 lane = 0; lane < kLanes; ++lane) mask32_[lane] = (lanes & (1u << lane)) != 0 ? kAllLanes : 0u;
  for (u32 lane = 0; lane < kLanes; ++lane) mask64_[lane] = ~u64{0} * (mask32_[lane] & 1);
}

/// f(lane) for each of these lanes, in order.
template <class F>
void for_lanes(u32 lanes, F&& f) {
  for (; lanes != 0; lanes &= lanes - 1) f(static_cast<u32>(__builtin_ctz(lanes)));
}

}  // namespace oct::simt
