// cvt: between sizes of whole numbers, to floats, from floats by the rounding that it names.
#include <array>
#include <cmath>
#include <limits>

#include "simt/decoding.hpp"
#include "simt/lane_loops.hpp"

namespace oct::simt {
namespace {

enum class Rounding { none, zero, nearest, down, up };

template <Rounding kRounding, class T>
T rounded(T x) {
  switch (kRounding) {
    case Rounding::zero: return std::trunc(x);
    case Rounding::nearest: return std::nearbyint(x);
    case Rounding::down: return std::floor(x);
    case Rounding::up: return std::ceil(x);
    default: return x;
  }
}

/// A NaN gives 0, or the highest bit where doubles or 64-bit numbers are involved; the rest saturates.
template <class To, class From>
To to_integer(From x) {
  using Limits = std::numeric_limits<To>;
  if (x != x) {
    const bool wide = sizeof(From) == 8 || sizeof(To) == 8;
    return wide ? static_cast<To>(Storage<To>{1} << (8 * sizeof(To) - 1)) : To{0};
  }
  if (x <= static_cast<From>(Limits::min())) return Limits::min();
  // the first value that is too large: a power of two, exact in either type
  const From limit = std::ldexp(From{1}, Limits::digits);
  return x >= limit ? Limits::max() : static_cast<To>(x);
}

template <bool kSaturates, class To, class From>
To integer_of(From x) {
  if constexpr (kSaturates) {
    using Limits = std::numeric_limits<To>;
    if (std::is_signed_v<From> && x < 0 &&
        (!std::is_signed_v<To> || static_cast<i64>(x) < static_cast<i64>(Limits::min())))
      return Limits::min();
    if (x > 0 && static_cast<u64>(x) > static_cast<u64>(Limits::max())) return Limits::max();
  }
  return static_cast<To>(x);
}

template <class To, class From, Rounding kRounding, bool kSaturates>
To converted(From x) {
  if constexpr (!std::is_floating_point_v<To>) {
    if constexpr (std::is_floating_point_v<From>)
      return to_integer<To, From>(rounded<kRounding>(x));
    else
      return integer_of<kSaturates, To, From>(x);
  } else if constexpr (!std::is_floating_point_v<From>) {
    return static_cast<To>(x);
  } else {
    const To value = static_cast<To>(rounded<kRounding>(x));
    if (value != value)
      return kSaturates        ? To{0}
             : sizeof(To) == 4 ? value_in<To>(static_cast<Storage<To>>(0x7fffffffu))
                               : value;
    return kSaturates ? (value > 0 ? (value < 1 ? value : To{1}) : To{0}) : value;
  }
}

/// FromStorage and ToStorage: of the registers, which may be wider than the types.
template <class To, class From, class ToStorage, class FromStorage, Rounding kRounding, bool kSaturates>
void convert(Lanes& lanes, const Instruction& instruction) {
  ToStorage* const result = lanes.write<ToStorage>(instruction.results[0]);
  const FromStorage* const source = lanes.read<FromStorage>(instruction.sources[0]);
  for_lanes(lanes.active(), [&](u32 i) {
    const From from = value_in<From>(static_cast<Storage<From>>(source[i]));
    const To to = converted<To, From, kRounding, kSaturates>(from);
    if constexpr (std::is_signed_v<To> && std::is_integral_v<To>) {
      result[i] = static_cast<ToStorage>(static_cast<i64>(to));  // a wider register is filled with the sign
    } else {
      result[i] = static_cast<ToStorage>(bits_in<To>(to));
    }
  });
}

struct Request {
  bool wide_result, wide_source, saturates;
  Rounding rounding;
};

template <class To, class From, class ToStorage, class FromStorage, bool kSaturates>
Handler with_rounding(const Request& request) {
  if constexpr (std::is_floating_point_v<From>) {
    switch (request.rounding) {
      case Rounding::zero: return &convert<To, From, ToStorage, FromStorage, Rounding::zero, kSaturates>;
      case Rounding::nearest:
        return &convert<To, From, ToStorage, FromStorage, Rounding::nearest, kSaturates>;
      case Rounding::down: return &convert<To, From, ToStorage, FromStorage, Rounding::down, kSaturates>;
      case Rounding::up: return &convert<To, From, ToStorage, FromStorage, Rounding::up, kSaturates>;
      default: break;
    }
  }
  return &convert<To, From, ToStorage, FromStorage, Rounding::none, kSaturates>;
}

template <class To, class From, class ToStorage, class FromStorage>
Handler with_saturation(const Request& request) {
  return request.saturates ? with_rounding<To, From, ToStorage, FromStorage, true>(request)
                           : with_rounding<To, From, ToStorage, FromStorage, false>(request);
}

template <class To, class From>
Handler with_storage(const Request& request) {
  if constexpr (sizeof(To) < 8) {
    if (request.wide_result) return nullptr;  // no compiler writes it
  }
  if constexpr (sizeof(From) < 8 && std::is_integral_v<From> && std::is_integral_v<To>) {
    if (request.wide_source) return with_saturation<To, From, Storage<To>, u64>(request);
  }
  return with_saturation<To, From, Storage<To>, Storage<From>>(request);
}

template <class To>
Handler from_type(Type from, const Request& request) {
  switch (from) {
    case Type::b8:
    case Type::u8: return with_storage<To, u8>(request);
    case Type::s8: return with_storage<To, i8>(request);
    case Type::b16:
    case Type::u16: return with_storage<To, u16>(request);
    case Type::s16: return with_storage<To, i16>(request);
    case Type::b32:
    case Type::u32: return with_storage<To, u32>(request);
    case Type::s32: return with_storage<To, i32>(request);
    case Type::b64:
    case Type::u64: return with_storage<To, u64>(request);
    case Type::s64: return with_storage<To, i64>(request);
    case Type::f32: return with_storage<To, float>(request);
    case Type::f64: return with_storage<To, double>(request);
    default: return nullptr;
  }
}

Handler handler_of(Type to, Type from, const Request& request) {
  switch (to) {
    case Type::b8:
    case Type::u8: return from_type<u8>(from, request);
    case Type::s8: return from_type<i8>(from, request);
    case Type::b16:
    case Type::u16: return from_type<u16>(from, request);
    case Type::s16: return from_type<i16>(from, request);
    case Type::b32:
    case Type::u32: return from_type<u32>(from, request);
    case Type::s32: return from_type<i32>(from, request);
    case Type::b64:
    case Type::u64: return from_type<u64>(from, request);
    case Type::s64: return from_type<i64>(from, request);
    case Type::f32: return from_type<float>(from, request);
    case Type::f64: return from_type<double>(from, request);
    default: return nullptr;
  }
}

/// Of a result that is a whole number, as a float or as an integer.
Rounding take_rounding(Opcode& opcode) {
  static constexpr std::array<std::string_view, 4> kNames = {"rzi", "rni", "rmi", "rpi"};
  return static_cast<Rounding>(opcode.take_one_of(kNames) + 1);
}

}  // namespace

bool decode_convert(Decoding& decoding) {
  if (decoding.opcode.base() != "cvt") return false;
  const Type from = decoding.take_type();
  const Type to = decoding.take_type();
  Request request{};
  request.saturates = decoding.opcode.take("sat");
  request.rounding = take_rounding(decoding.opcode);
  const bool to_nearest = decoding.opcode.take("rn");
  if (is_float(to) && !to_nearest && request.rounding == Rounding::none && !(from == to || from == Type::f32))
    decoding.function.fail(decoding.statement, "a conversion that does not say how it rounds");
  if (is_float(from) && !is_float(to) && request.rounding == Rounding::none) return false;
  request.wide_result = decoding.function.is_wide(decoding.operand(0));
  request.wide_source = decoding.function.is_wide(decoding.operand(1));
  decoding.out.run = handler_of(to, from, request);
  decoding.result(0, request.wide_result ? Type::b64 : to);
  decoding.source(1, request.wide_source ? Type::b64 : from);
  return decoding.out.run != nullptr;
}

}  // namespace oct::simt
