// Whole numbers: sums, products, quotients, minima.
#include <algorithm>
#include <array>
#include <limits>

#include "simt/decoding.hpp"
#include "simt/lane_loops.hpp"

namespace oct::simt {
namespace {

/// Arithmetic wraps around, so it is done without sign, in at least 32 bits.
template <class T>
using Wrapping = Storage<std::conditional_t<sizeof(T) == 8, u64, u32>>;

struct Add {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
  }
};
struct Subtract {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
  }
};
struct Multiply {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
  }
};
struct MultiplyAdd {
  template <class T>
  static T of(T a, T b, T c) {
    return Add::of<T>(Multiply::of<T>(a, b), c);
  }
};
/// Division by zero gives all ones, as GPUs do; the one overflow wraps.
struct Divide {
  template <class T>
  static T of(T a, T b) {
    if (b == 0) return static_cast<T>(~T{0});
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return Subtract::of<T>(0, a);
    }
    return static_cast<T>(a / b);
  }
};
struct Remainder {
  template <class T>
  static T of(T a, T b) {
    if (b == 0) return a;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return 0;
    }
    return static_cast<T>(a % b);
  }
};
struct Minimum {
  template <class T>
  static T of(T a, T b) {
    return b < a ? b : a;
  }
};
struct Maximum {
  template <class T>
  static T of(T a, T b) {
    return a < b ? b : a;
  }
};
struct Negate {
  template <class T>
  static T of(T a) {
    return Subtract::of<T>(0, a);
  }
};
struct Absolute {
  template <class T>
  static T of(T a) {
    return a < 0 ? Subtract::of<T>(0, a) : a;
  }
};
/// |a - b| + c
struct SumOfDifference {
  template <class T>
  static T of(T a, T b, T c) {
    return Add::of<T>(a < b ? Subtract::of<T>(b, a) : Subtract::of<T>(a, b), c);
  }
};

bool set(Decoding& decoding, Type type, std::size_t sources, Handler handler) {
  if (!handler) return false;
  decoding.all_of(type, sources);
  decoding.out.run = handler;
  return true;
}

template <class Op>
bool unary_integer(Decoding& decoding) {
  const Type type = decoding.take_type();
  return set(decoding, type, 1, by_integer<UnaryOf<Op>::template Make>(type));
}
template <class Op>
bool binary_integer(Decoding& decoding) {
  const Type type = decoding.take_type();
  return set(decoding, type, 2, by_integer<BinaryOf<Op>::template Make>(type));
}
template <class Op>
bool binary_integer_active(Decoding& decoding) {
  const Type type = decoding.take_type();
  return set(decoding, type, 2, by_integer<ActiveBinaryOf<Op>::template Make>(type));
}
template <class Op>
bool ternary_integer(Decoding& decoding) {
  const Type type = decoding.take_type();
  return set(decoding, type, 3, by_integer<TernaryOf<Op>::template Make>(type));
}

using Decoder = bool (*)(Decoding&);
constexpr std::array<std::pair<std::string_view, Decoder>, 9> kDecoders = {
    {{"add", &binary_integer<Add>},
     {"sub", &binary_integer<Subtract>},
     {"div", &binary_integer_active<Divide>},
     {"rem", &binary_integer_active<Remainder>},
     {"min", &binary_integer<Minimum>},
     {"max", &binary_integer<Maximum>},
     {"neg", &unary_integer<Negate>},
     {"abs", &unary_integer<Absolute>},
     {"sad", &ternary_integer<SumOfDifference>}}};

}  // namespace

bool decode_integer(Decoding& decoding) {
  const std::string& base = decoding.opcode.base();
  if (base == "mul" && decoding.opcode.take("lo")) return binary_integer<Multiply>(decoding);
  if (base == "mad" && decoding.opcode.take("lo")) return ternary_integer<MultiplyAdd>(decoding);
  for (const auto& [name, decode] : kDecoders) {
    if (name == base) return decode(decoding);
  }
  return false;
}

}  // namespace oct::simt
