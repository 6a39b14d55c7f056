// Products with all their bits: mul.wide, mad.wide, and the upper halves mul.hi, mad.hi.
#include "simt/decoding.hpp"
#include "simt/lane_loops.hpp"

namespace oct::simt {
namespace {

template <class Narrow, class Wide>
void multiply_wide(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<Wide>;
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const mask = lanes.mask<S>();
  const u32* const a = lanes.read<u32>(instruction.sources[0]);
  const u32* const b = lanes.read<u32>(instruction.sources[1]);
  for (u32 i = 0; i < kLanes; ++i) {
    const Wide product =
        static_cast<Wide>(value_in<Narrow>(a[i])) * static_cast<Wide>(value_in<Narrow>(b[i]));
    result[i] = kept<S>(mask[i], bits_in<Wide>(product), result[i]);
  }
}

template <class Narrow, class Wide>
void multiply_add_wide(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<Wide>;
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const mask = lanes.mask<S>();
  const u32* const a = lanes.read<u32>(instruction.sources[0]);
  const u32* const b = lanes.read<u32>(instruction.sources[1]);
  const S* const c = lanes.read<S>(instruction.sources[2]);
  for (u32 i = 0; i < kLanes; ++i) {
    const Wide product =
        static_cast<Wide>(value_in<Narrow>(a[i])) * static_cast<Wide>(value_in<Narrow>(b[i]));
    result[i] = kept<S>(mask[i], bits_in<Wide>(product) + c[i], result[i]);
  }
}

/// Upper half of the product; Wide has twice the bits of T.
template <class T, class Wide>
T upper_half(T a, T b) {
  return static_cast<T>((static_cast<Wide>(a) * static_cast<Wide>(b)) >> (8 * sizeof(T)));
}

__extension__ using u128 = unsigned __int128;
__extension__ using i128 = __int128;

template <class T, class Wide, bool kAdds>
void multiply_high(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<T>;
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const mask = lanes.mask<S>();
  const S* const a = lanes.read<S>(instruction.sources[0]);
  const S* const b = lanes.read<S>(instruction.sources[1]);
  const S* const c = kAdds ? lanes.read<S>(instruction.sources[2]) : nullptr;
  for (u32 i = 0; i < kLanes; ++i) {
    S bits = bits_in<T>(upper_half<T, Wide>(value_in<T>(a[i]), value_in<T>(b[i])));
    if constexpr (kAdds) bits += c[i];
    result[i] = kept<S>(mask[i], bits, result[i]);
  }
}

template <bool kAdds>
Handler high_handler(Type type) {
  switch (type) {
    case Type::u32: return &multiply_high<u32, u64, kAdds>;
    case Type::s32: return &multiply_high<i32, i64, kAdds>;
    case Type::u64: return &multiply_high<u64, u128, kAdds>;
    case Type::s64: return &multiply_high<i64, i128, kAdds>;
    default: return nullptr;
  }
}

Type twice(Type type) {
  switch (type) {
    case Type::u16: return Type::u32;
    case Type::s16: return Type::s32;
    case Type::u32: return Type::u64;
    case Type::s32: return Type::s64;
    default: return Type::none;
  }
}

Handler wide_handler(Type type, bool adds) {
  switch (type) {
    case Type::u16: return adds ? &multiply_add_wide<u16, u32> : &multiply_wide<u16, u32>;
    case Type::s16: return adds ? &multiply_add_wide<i16, i32> : &multiply_wide<i16, i32>;
    case Type::u32: return adds ? &multiply_add_wide<u32, u64> : &multiply_wide<u32, u64>;
    case Type::s32: return adds ? &multiply_add_wide<i32, i64> : &multiply_wide<i32, i64>;
    default: return nullptr;
  }
}

}  // namespace

bool decode_wide(Decoding& decoding) {
  const bool adds = decoding.opcode.base() == "mad";
  if (!adds && decoding.opcode.base() != "mul") return false;
  const bool wide = decoding.opcode.take("wide");
  if (!wide && !decoding.opcode.take("hi")) return false;
  const Type type = decoding.take_type();
  const Type result = wide ? twice(type) : type;
  decoding.out.run = wide   ? wide_handler(type, adds)
                     : adds ? high_handler<true>(type)
                            : high_handler<false>(type);
  if (!decoding.out.run) return false;
  decoding.result(0, result);
  decoding.source(1, type);
  decoding.source(2, type);
  if (adds) decoding.source(3, result);
  return true;
}

}  // namespace oct::simt
