#pragma once
#include "simt/instruction.hpp"
#include "simt/ptx_type.hpp"

// Handlers made from an operation on values: loops over all lanes, whose results only active lanes keep. An operation is a
// struct with a static function template `of`.

namespace oct::simt {

/// Operations on inactive lanes compute with whatever their registers hold, so none of them may trap.
template <class S>
S kept(S mask, S fresh, S old) {
  return (fresh & mask) | (old & ~mask);
}

template <class To, class From, class F>
void each_lane(Lanes& lanes, const Instruction& instruction, F&& f) {
  using S = Storage<To>;
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const mask = lanes.mask<S>();
  const auto* const a = lanes.read<Storage<From>>(instruction.sources[0]);
  for (u32 i = 0; i < kLanes; ++i)
    result[i] = kept<S>(mask[i], bits_in<To>(f(value_in<From>(a[i]))), result[i]);
}

template <class T, class Op>
void unary(Lanes& lanes, const Instruction& instruction) {
  using Result = decltype(Op::template of<T>(T{}));
  each_lane<Result, T>(lanes, instruction, [](T a) { return Op::template of<T>(a); });
}

template <class T, class Op>
void binary(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<T>;
  using Result = decltype(Op::template of<T>(T{}, T{}));
  using R = Storage<Result>;
  R* const result = lanes.write<R>(instruction.results[0]);
  const R* const mask = lanes.mask<R>();
  const S* const a = lanes.read<S>(instruction.sources[0]);
  const S* const b = lanes.read<S>(instruction.sources[1]);
  for (u32 i = 0; i < kLanes; ++i) {
    const Result value = Op::template of<T>(value_in<T>(a[i]), value_in<T>(b[i]));
    result[i] = kept<R>(mask[i], bits_in<Result>(value), result[i]);
  }
}

template <class T, class Op>
void ternary(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<T>;
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const mask = lanes.mask<S>();
  const S* const a = lanes.read<S>(instruction.sources[0]);
  const S* const b = lanes.read<S>(instruction.sources[1]);
  const S* const c = lanes.read<S>(instruction.sources[2]);
  for (u32 i = 0; i < kLanes; ++i) {
    const T value = Op::template of<T>(value_in<T>(a[i]), value_in<T>(b[i]), value_in<T>(c[i]));
    result[i] = kept<S>(mask[i], bits_in<T>(value), result[i]);
  }
}

/// The same for what may trap, or is too long to be vector code: active lanes alone.
template <class T, class Op>
void binary_active(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<T>;
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const a = lanes.read<S>(instruction.sources[0]);
  const S* const b = lanes.read<S>(instruction.sources[1]);
  for_lanes(lanes.active(),
            [&](u32 i) { result[i] = bits_in<T>(Op::template of<T>(value_in<T>(a[i]), value_in<T>(b[i]))); });
}

/// Chooses an instance of a handler template by an integer type; null for others.
template <template <class> class Make>
Handler by_integer(Type type) {
  switch (type) {
    case Type::b16:
    case Type::u16: return Make<u16>::handler();
    case Type::s16: return Make<i16>::handler();
    case Type::b32:
    case Type::u32: return Make<u32>::handler();
    case Type::s32: return Make<i32>::handler();
    case Type::b64:
    case Type::u64: return Make<u64>::handler();
    case Type::s64: return Make<i64>::handler();
    default: return nullptr;
  }
}

template <class Op>
struct UnaryOf {
  template <class T>
  struct Make {
    static Handler handler() { return &unary<T, Op>; }
  };
};
template <class Op>
struct BinaryOf {
  template <class T>
  struct Make {
    static Handler handler() { return &binary<T, Op>; }
  };
};
template <class Op>
struct TernaryOf {
  template <class T>
  struct Make {
    static Handler handler() { return &ternary<T, Op>; }
  };
};
template <class Op>
struct ActiveBinaryOf {
  template <class T>
  struct Make {
    static Handler handler() { return &binary_active<T, Op>; }
  };
};

}  // namespace oct::simt
