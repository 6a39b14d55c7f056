// Floats: each operation rounded once, denormals kept, every NaN that an operation makes the canonical one.
#include <array>
#include <cmath>

#include "simt/decoding.hpp"
#include "simt/lane_loops.hpp"

namespace oct::simt {
namespace {

/// GPUs give one NaN of 32 bits whatever went in; those of 64 bits keep what the operation gave.
inline float canonical(float x) {
  return x == x ? x : __builtin_bit_cast(float, 0x7fffffffu);
}
inline double canonical(double x) {
  return x;
}

struct AddFloat {
  template <class T>
  static T of(T a, T b) {
    return canonical(a + b);
  }
};
struct SubtractFloat {
  template <class T>
  static T of(T a, T b) {
    return canonical(a - b);
  }
};
struct MultiplyFloat {
  template <class T>
  static T of(T a, T b) {
    return canonical(a * b);
  }
};
struct DivideFloat {
  template <class T>
  static T of(T a, T b) {
    return canonical(a / b);
  }
};
struct SquareRoot {
  template <class T>
  static T of(T a) {
    return canonical(std::sqrt(a));
  }
};
struct Reciprocal {
  template <class T>
  static T of(T a) {
    return canonical(T{1} / a);
  }
};
struct NegateFloat {
  template <class T>
  static T of(T a) {
    constexpr Storage<T> kSign = Storage<T>{1} << (8 * sizeof(T) - 1);
    return value_in<T>(bits_in<T>(a) ^ kSign);
  }
};
struct AbsoluteFloat {
  template <class T>
  static T of(T a) {
    constexpr Storage<T> kSign = Storage<T>{1} << (8 * sizeof(T) - 1);
    return value_in<T>(bits_in<T>(a) & ~kSign);
  }
};
/// A NaN yields to a number; -0 is below +0.
struct MinimumFloat {
  template <class T>
  static T of(T a, T b) {
    if (a != a) return canonical(b);
    if (b != b) return a;
    if (a == b) return value_in<T>(bits_in<T>(a) | bits_in<T>(b));
    return a < b ? a : b;
  }
};
struct MaximumFloat {
  template <class T>
  static T of(T a, T b) {
    if (a != a) return canonical(b);
    if (b != b) return a;
    if (a == b) return value_in<T>(bits_in<T>(a) & bits_in<T>(b));
    return a > b ? a : b;
  }
};
/// Takes the sign of its first operand.
struct CopySign {
  template <class T>
  static T of(T a, T b) {
    constexpr Storage<T> kSign = Storage<T>{1} << (8 * sizeof(T) - 1);
    return value_in<T>((bits_in<T>(a) & kSign) | (bits_in<T>(b) & ~kSign));
  }
};

template <class T>
void fused(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<T>;
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const a = lanes.read<S>(instruction.sources[0]);
  const S* const b = lanes.read<S>(instruction.sources[1]);
  const S* const c = lanes.read<S>(instruction.sources[2]);
  for_lanes(lanes.active(), [&](u32 i) {
    result[i] = bits_in<T>(canonical(std::fma(value_in<T>(a[i]), value_in<T>(b[i]), value_in<T>(c[i]))));
  });
}

/// -1, 0 or 1, as good as random.
i32 noise(u32 bits) {
  bits = (bits ^ bits >> 16) * 0x7feb352du;
  bits = (bits ^ bits >> 15) * 0x846ca68bu;
  return static_cast<i32>((bits ^ bits >> 16) % 3) - 1;
}

/// What the hardware's table gives is within an ulp or two and differs between GPUs, so it is an ulp off at random here:
/// what follows in the program must mend it. Denormals count as zero, as the only form that compilers write asks for.
float approximate_rsqrt(float x) {
  const u32 bits = bits_in<float>(x);
  if ((bits & 0x7f800000u) == 0) return value_in<float>((bits & 0x80000000u) | 0x7f800000u);
  if (!(x > 0)) return canonical(__builtin_nanf(""));
  if (std::isinf(x)) return 0;
  const float near = static_cast<float>(1 / std::sqrt(static_cast<double>(x)));
  return value_in<float>(bits_in<float>(near) + static_cast<u32>(noise(bits)));
}

void rsqrt_approximately(Lanes& lanes, const Instruction& instruction) {
  u32* const result = lanes.write<u32>(instruction.results[0]);
  const u32* const a = lanes.read<u32>(instruction.sources[0]);
  for_lanes(lanes.active(),
            [&](u32 i) { result[i] = bits_in<float>(approximate_rsqrt(value_in<float>(a[i]))); });
}

bool set(Decoding& decoding, Type type, std::size_t sources, Handler single, Handler twofold) {
  decoding.out.run = type == Type::f32 ? single : twofold;
  decoding.all_of(type, sources);
  return true;
}

/// Rounding must be written: an operation without it may be fused with another one by what compiles the PTX.
bool rounds_to_nearest(Decoding& decoding) {
  if (decoding.opcode.take("rn")) return true;
  decoding.function.fail(decoding.statement,
                         "the interpreter knows this operation only rounded to nearest (.rn)");
}

template <class Op>
bool decode_unary(Decoding& decoding, Type type) {
  return set(decoding, type, 1, &unary<float, Op>, &unary<double, Op>);
}
template <class Op>
bool decode_binary(Decoding& decoding, Type type) {
  return set(decoding, type, 2, &binary<float, Op>, &binary<double, Op>);
}
template <class Op>
bool decode_rounded_unary(Decoding& decoding, Type type) {
  return rounds_to_nearest(decoding) && decode_unary<Op>(decoding, type);
}
template <class Op>
bool decode_rounded_binary(Decoding& decoding, Type type) {
  return rounds_to_nearest(decoding) && decode_binary<Op>(decoding, type);
}
bool decode_fused(Decoding& decoding, Type type) {
  return rounds_to_nearest(decoding) && set(decoding, type, 3, &fused<float>, &fused<double>);
}
bool decode_rsqrt(Decoding& decoding, Type type) {
  if (type != Type::f32 || !decoding.opcode.take("approx") || !decoding.opcode.take("ftz")) return false;
  return set(decoding, type, 1, &rsqrt_approximately, nullptr);
}

using Decoder = bool (*)(Decoding&, Type);
constexpr std::array<std::pair<std::string_view, Decoder>, 14> kDecoders = {
    {{"add", &decode_rounded_binary<AddFloat>},
     {"sub", &decode_rounded_binary<SubtractFloat>},
     {"mul", &decode_rounded_binary<MultiplyFloat>},
     {"div", &decode_rounded_binary<DivideFloat>},
     {"sqrt", &decode_rounded_unary<SquareRoot>},
     {"rcp", &decode_rounded_unary<Reciprocal>},
     {"fma", &decode_fused},
     {"mad", &decode_fused},
     {"rsqrt", &decode_rsqrt},
     {"neg", &decode_unary<NegateFloat>},
     {"abs", &decode_unary<AbsoluteFloat>},
     {"min", &decode_binary<MinimumFloat>},
     {"max", &decode_binary<MaximumFloat>},
     {"copysign", &decode_binary<CopySign>}}};

}  // namespace

bool decode_float(Decoding& decoding) {
  for (const auto& [name, decode] : kDecoders) {
    if (name != decoding.opcode.base()) continue;
    if (decoding.opcode.take("f32")) return decode(decoding, Type::f32);
    if (decoding.opcode.take("f64")) return decode(decoding, Type::f64);
  }
  return false;
}

}  // namespace oct::simt
