// Bits: logic, shifts, counts, fields, permutations.
#include <algorithm>
#include <array>

#include "simt/decoding.hpp"
#include "simt/lane_loops.hpp"

namespace oct::simt {
namespace {

struct And {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(a & b);
  }
};
struct Or {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(a | b);
  }
};
struct Xor {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};
struct Not {
  template <class T>
  static T of(T a) {
    return static_cast<T>(~a);
  }
};
/// 1 where there is no bit at all.
struct LogicalNot {
  template <class T>
  static T of(T a) {
    return a == 0 ? 1 : 0;
  }
};
struct CountOnes {
  template <class T>
  static u32 of(T a) {
    return static_cast<u32>(__builtin_popcountll(bits_in<T>(a)));
  }
};
struct CountLeadingZeros {
  template <class T>
  static u32 of(T a) {
    const u64 bits = bits_in<T>(a);
    const u32 unused = 64 - 8 * static_cast<u32>(sizeof(T));
    return bits == 0 ? 8 * static_cast<u32>(sizeof(T)) : static_cast<u32>(__builtin_clzll(bits)) - unused;
  }
};
/// The highest bit that differs from the sign; all ones for none.
struct FindHighest {
  template <class T>
  static u32 of(T a) {
    if constexpr (std::is_signed_v<T>) {
      if (a < 0) a = static_cast<T>(~a);
    }
    const u64 bits = bits_in<T>(a);
    return bits == 0 ? 0xffffffffu : 63 - static_cast<u32>(__builtin_clzll(bits));
  }
};
struct Reverse {
  template <class T>
  static T of(T a) {
    u64 x = bits_in<T>(a);
    x = (x & 0x5555555555555555u) << 1 | (x >> 1 & 0x5555555555555555u);
    x = (x & 0x3333333333333333u) << 2 | (x >> 2 & 0x3333333333333333u);
    x = (x & 0x0f0f0f0f0f0f0f0fu) << 4 | (x >> 4 & 0x0f0f0f0f0f0f0f0fu);
    return static_cast<T>(__builtin_bswap64(x) >> (64 - 8 * sizeof(T)));
  }
};

template <class T, bool kLeft>
T shifted(T a, u32 by) {
  constexpr u32 kBits = 8 * sizeof(T);
  if constexpr (kLeft) {
    return by >= kBits ? T{0} : static_cast<T>(static_cast<Storage<T>>(bits_in<T>(a)) << by);
  } else {
    return by >= kBits ? static_cast<T>(a < 0 ? -1 : 0) : static_cast<T>(a >> by);
  }
}

/// The second operand has 32 bits whatever the type.
template <class T, bool kLeft>
void shift(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<T>;
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const mask = lanes.mask<S>();
  const S* const a = lanes.read<S>(instruction.sources[0]);
  const u32* const by = lanes.read<u32>(instruction.sources[1]);
  for (u32 i = 0; i < kLanes; ++i)
    result[i] = kept<S>(mask[i], bits_in<T>(shifted<T, kLeft>(value_in<T>(a[i]), by[i])), result[i]);
}

template <bool kLeft>
struct ShiftBy {
  template <class T>
  struct Make {
    static Handler handler() { return &shift<T, kLeft>; }
  };
};

/// Funnel shift of b:a; the amount is clamped to 32 or taken modulo 32.
template <bool kLeft, bool kWraps>
struct Funnel {
  template <class T>
  static T of(T a, T b, T c) {
    const u32 by = kWraps ? c & 31u : std::min<u32>(c, 32);
    const u64 both = u64{b} << 32 | a;
    return kLeft ? static_cast<T>((by == 32 ? both << 32 : both << by) >> 32) : static_cast<T>(both >> by);
  }
};

/// The field of `length` bits at `position`; signed ones are extended by their highest bit.
template <class T>
T extracted(T a, u32 position, u32 length) {
  constexpr u32 kBits = 8 * sizeof(T);
  position &= 0xffu;
  length &= 0xffu;
  const u64 bits = bits_in<T>(a);
  const bool negative =
      std::is_signed_v<T> && length != 0 && (bits >> std::min(position + length - 1, kBits - 1) & 1) != 0;
  const u64 field = position >= kBits ? 0 : bits >> position;
  const u64 mask = length >= kBits ? ~u64{0} : (u64{1} << length) - 1;
  const u64 available = position >= kBits ? 0 : ~u64{0} >> (64 - (kBits - position));
  const u64 valid = mask & available;
  return static_cast<T>((field & valid) | (negative ? ~valid : 0));
}

template <class T>
void extract(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<T>;
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const a = lanes.read<S>(instruction.sources[0]);
  const u32* const position = lanes.read<u32>(instruction.sources[1]);
  const u32* const length = lanes.read<u32>(instruction.sources[2]);
  for_lanes(lanes.active(),
            [&](u32 i) { result[i] = bits_in<T>(extracted<T>(value_in<T>(a[i]), position[i], length[i])); });
}

template <class T>
void insert(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<T>;
  constexpr u32 kBits = 8 * sizeof(T);
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const field = lanes.read<S>(instruction.sources[0]);
  const S* const into = lanes.read<S>(instruction.sources[1]);
  const u32* const at = lanes.read<u32>(instruction.sources[2]);
  const u32* const length = lanes.read<u32>(instruction.sources[3]);
  for_lanes(lanes.active(), [&](u32 i) {
    const u32 position = at[i] & 0xffu, bits = length[i] & 0xffu;
    const u64 ones = bits >= kBits ? ~u64{0} : (u64{1} << bits) - 1;
    const u64 mask = position >= kBits ? 0 : ones << position;
    const u64 moved = position >= kBits ? 0 : u64{field[i]} << position;
    result[i] = static_cast<S>((moved & mask) | (into[i] & ~mask));
  });
}

/// Bytes of b:a in the order that the nibbles of c tell; their highest bit asks for the byte's sign instead.
u32 permuted(u32 a, u32 b, u32 selector) {
  const u64 both = u64{b} << 32 | a;
  u32 result = 0;
  for (u32 i = 0; i < 4; ++i) {
    const u32 nibble = selector >> (4 * i) & 15u;
    const u32 byte = static_cast<u32>(both >> (8 * (nibble & 7u))) & 0xffu;
    const u32 shown = (nibble & 8u) == 0 ? byte : (byte & 0x80u) != 0 ? 0xffu : 0u;
    result |= shown << (8 * i);
  }
  return result;
}

struct Permute {
  template <class T>
  static T of(T a, T b, T c) {
    return permuted(a, b, c);
  }
};

/// Any function of three bits: bit (a, b, c) of the table.
void lookup(Lanes& lanes, const Instruction& instruction) {
  u32* const result = lanes.write<u32>(instruction.results[0]);
  const u32* const mask = lanes.mask<u32>();
  const u32* const a = lanes.read<u32>(instruction.sources[0]);
  const u32* const b = lanes.read<u32>(instruction.sources[1]);
  const u32* const c = lanes.read<u32>(instruction.sources[2]);
  for (u32 i = 0; i < kLanes; ++i) {
    u32 value = 0;
    for (u32 entry = 0; entry < 8; ++entry) {
      const u32 wanted = (instruction.immediate >> entry & 1u) != 0 ? kAllLanes : 0u;
      value |= wanted & ((entry & 4u) != 0 ? a[i] : ~a[i]) & ((entry & 2u) != 0 ? b[i] : ~b[i]) &
               ((entry & 1u) != 0 ? c[i] : ~c[i]);
    }
    result[i] = kept<u32>(mask[i], value, result[i]);
  }
}

/// The position of the n-th one of `mask` from `base` on, upwards for n > 0, downwards for n < 0; all ones for none.
u32 nth_one(u32 mask, u32 base, i32 n) {
  if (n == 0) return base < 32 && (mask >> base & 1u) != 0 ? base : 0xffffffffu;
  const i32 step = n > 0 ? 1 : -1;
  i32 left = n > 0 ? n : -n;
  for (i32 at = static_cast<i32>(base); at >= 0 && at < 32; at += step) {
    if ((mask >> at & 1u) != 0 && --left == 0) return static_cast<u32>(at);
  }
  return 0xffffffffu;
}

struct FindNth {
  template <class T>
  static T of(T a, T b, T c) {
    return nth_one(a, b, static_cast<i32>(c));
  }
};

template <class Op>
void logic_of_predicates(Lanes& lanes, const Instruction& instruction) {
  lanes.set_predicate(instruction.results[0], Op::template of<u32>(lanes.predicate(instruction.sources[0]),
                                                                   lanes.predicate(instruction.sources[1])));
}
void not_of_predicate(Lanes& lanes, const Instruction& instruction) {
  lanes.set_predicate(instruction.results[0], ~lanes.predicate(instruction.sources[0]));
}

template <class Op>
bool decode_logic(Decoding& decoding) {
  const Type type = decoding.take_type();
  decoding.out.run =
      type == Type::pred ? &logic_of_predicates<Op> : by_integer<BinaryOf<Op>::template Make>(type);
  decoding.all_of(type, 2);
  return decoding.out.run != nullptr;
}

bool decode_not(Decoding& decoding) {
  const Type type = decoding.take_type();
  decoding.out.run = type == Type::pred ? &not_of_predicate : by_integer<UnaryOf<Not>::Make>(type);
  decoding.all_of(type, 1);
  return decoding.out.run != nullptr;
}

template <class Op, bool kCounts>
bool decode_unary(Decoding& decoding) {
  const Type type = decoding.take_type();
  decoding.out.run = by_integer<UnaryOf<Op>::template Make>(type);
  decoding.result(0, kCounts ? Type::u32 : type);
  decoding.source(1, type);
  return decoding.out.run != nullptr;
}

template <bool kLeft>
bool decode_shift(Decoding& decoding) {
  const Type type = decoding.take_type();
  decoding.out.run = by_integer<ShiftBy<kLeft>::template Make>(type);
  decoding.result(0, type);
  decoding.source(1, type);
  decoding.source(2, Type::u32);
  return decoding.out.run != nullptr;
}

template <class Op>
bool decode_ternary_word(Decoding& decoding) {
  if (decoding.take_type() != Type::b32) return false;
  decoding.out.run = &ternary<u32, Op>;
  decoding.all_of(Type::b32, 3);
  return true;
}

bool decode_funnel(Decoding& decoding) {
  const bool left = decoding.opcode.take("l");
  if (!left && !decoding.opcode.take("r")) return false;
  const bool wraps = decoding.opcode.take("wrap");
  if (!wraps && !decoding.opcode.take("clamp")) return false;
  if (left)
    return wraps ? decode_ternary_word<Funnel<true, true>>(decoding)
                 : decode_ternary_word<Funnel<true, false>>(decoding);
  return wraps ? decode_ternary_word<Funnel<false, true>>(decoding)
               : decode_ternary_word<Funnel<false, false>>(decoding);
}

bool decode_extract(Decoding& decoding) {
  const Type type = decoding.take_type();
  switch (type) {
    case Type::u32: decoding.out.run = &extract<u32>; break;
    case Type::s32: decoding.out.run = &extract<i32>; break;
    case Type::u64: decoding.out.run = &extract<u64>; break;
    case Type::s64: decoding.out.run = &extract<i64>; break;
    default: return false;
  }
  decoding.result(0, type);
  decoding.source(1, type);
  decoding.source(2, Type::u32);
  decoding.source(3, Type::u32);
  return true;
}

bool decode_insert(Decoding& decoding) {
  const Type type = decoding.take_type();
  decoding.out.run = size_of(type) == 8 ? &insert<u64> : &insert<u32>;
  decoding.result(0, type);
  decoding.source(1, type);
  decoding.source(2, type);
  decoding.source(3, Type::u32);
  decoding.source(4, Type::u32);
  return true;
}

bool decode_lookup(Decoding& decoding) {
  if (decoding.take_type() != Type::b32) return false;
  decoding.out.run = &lookup;
  decoding.all_of(Type::b32, 3);
  decoding.out.immediate = decoding.function.literal(decoding.statement, decoding.operand(4)) & 0xffu;
  return true;
}

using Decoder = bool (*)(Decoding&);
constexpr std::array<std::pair<std::string_view, Decoder>, 17> kDecoders = {
    {{"and", &decode_logic<And>},
     {"or", &decode_logic<Or>},
     {"xor", &decode_logic<Xor>},
     {"not", &decode_not},
     {"cnot", &decode_unary<LogicalNot, false>},
     {"popc", &decode_unary<CountOnes, true>},
     {"clz", &decode_unary<CountLeadingZeros, true>},
     {"bfind", &decode_unary<FindHighest, true>},
     {"brev", &decode_unary<Reverse, false>},
     {"shl", &decode_shift<true>},
     {"shr", &decode_shift<false>},
     {"shf", &decode_funnel},
     {"bfe", &decode_extract},
     {"bfi", &decode_insert},
     {"prmt", &decode_ternary_word<Permute>},
     {"fns", &decode_ternary_word<FindNth>},
     {"lop3", &decode_lookup}}};

}  // namespace

bool decode_bits(Decoding& decoding) {
  for (const auto& [name, decode] : kDecoders) {
    if (name == decoding.opcode.base()) return decode(decoding);
  }
  return false;
}

}  // namespace oct::simt
