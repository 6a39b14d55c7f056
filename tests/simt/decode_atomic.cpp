// atom and red: lanes one after the other, in their order. Whole numbers alone: sums of floats would depend on the order.
#include <algorithm>
#include <array>
#include <cstring>

#include "simt/decoding.hpp"
#include "simt/lane_loops.hpp"
#include "simt/memory_access.hpp"

namespace oct::simt {
namespace {

struct AtomicAdd {
  template <class T>
  static T of(T old, T a, T) {
    return static_cast<T>(static_cast<Storage<T>>(old) + static_cast<Storage<T>>(a));
  }
};
struct AtomicMin {
  template <class T>
  static T of(T old, T a, T) {
    return std::min(old, a);
  }
};
struct AtomicMax {
  template <class T>
  static T of(T old, T a, T) {
    return std::max(old, a);
  }
};
struct AtomicAnd {
  template <class T>
  static T of(T old, T a, T) {
    return old & a;
  }
};
struct AtomicOr {
  template <class T>
  static T of(T old, T a, T) {
    return old | a;
  }
};
struct AtomicXor {
  template <class T>
  static T of(T old, T a, T) {
    return old ^ a;
  }
};
struct AtomicExchange {
  template <class T>
  static T of(T, T a, T) {
    return a;
  }
};
struct AtomicCompareAndSwap {
  template <class T>
  static T of(T old, T a, T b) {
    return old == a ? b : old;
  }
};
/// Counts up to a and begins anew.
struct AtomicIncrement {
  template <class T>
  static T of(T old, T a, T) {
    return old >= a ? T{0} : static_cast<T>(old + 1);
  }
};
struct AtomicDecrement {
  template <class T>
  static T of(T old, T a, T) {
    return old == 0 || old > a ? a : static_cast<T>(old - 1);
  }
};

template <class T, class Op>
void atomic(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<T>;
  u64 addresses[kLanes];
  memory_addresses(lanes, instruction, addresses);
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const a = lanes.read<S>(instruction.sources[1]);
  const S* const b = lanes.read<S>(instruction.sources[2]);
  for_lanes(lanes.active(), [&](u32 i) {
    T old;
    void* const place = reinterpret_cast<void*>(addresses[i]);
    std::memcpy(&old, place, sizeof old);
    const T fresh = Op::template of<T>(old, value_in<T>(a[i]), value_in<T>(b[i]));
    std::memcpy(place, &fresh, sizeof fresh);
    result[i] = bits_in<T>(old);
  });
}

template <class Op>
Handler handler_of(Type type) {
  switch (type) {
    case Type::b32:
    case Type::u32: return &atomic<u32, Op>;
    case Type::s32: return &atomic<i32, Op>;
    case Type::b64:
    case Type::u64: return &atomic<u64, Op>;
    case Type::s64: return &atomic<i64, Op>;
    default: return nullptr;
  }
}

using Choice = Handler (*)(Type);
constexpr std::array<std::pair<std::string_view, Choice>, 10> kOperations = {
    {{"add", &handler_of<AtomicAdd>},
     {"min", &handler_of<AtomicMin>},
     {"max", &handler_of<AtomicMax>},
     {"and", &handler_of<AtomicAnd>},
     {"or", &handler_of<AtomicOr>},
     {"xor", &handler_of<AtomicXor>},
     {"exch", &handler_of<AtomicExchange>},
     {"cas", &handler_of<AtomicCompareAndSwap>},
     {"inc", &handler_of<AtomicIncrement>},
     {"dec", &handler_of<AtomicDecrement>}}};

}  // namespace

bool decode_atomic(Decoding& decoding) {
  const bool returns = decoding.opcode.base() == "atom";
  if (!returns && decoding.opcode.base() != "red") return false;
  take_memory_order(decoding.opcode);
  const Space space = take_space(decoding.opcode);
  const Type type = decoding.take_type();
  if (is_float(type))
    decoding.function.fail(decoding.statement, "a sum of floats that depends on the order of threads");
  Instruction& out = decoding.out;
  out.access = access_of(space, Access::atomic);
  out.element_size = static_cast<u8>(size_of(type));
  for (const auto& [name, choose] : kOperations) {
    if (!out.run && decoding.opcode.take(name)) out.run = choose(type);
  }
  if (!out.run) return false;
  const std::size_t first = returns ? 1 : 0;  // of the operands after the result
  if (returns) {
    decoding.result(0, type);
  } else {
    out.results[0] = decoding.function.unused(type);
  }
  set_address(decoding, decoding.operand(first), space);
  out.sources[1] = decoding.function.source(decoding.statement, decoding.operand(first + 1), type);
  const bool compares = decoding.operand_count() > first + 2;
  out.sources[2] = compares ? decoding.function.source(decoding.statement, decoding.operand(first + 2), type)
                            : out.sources[1];
  return true;
}

}  // namespace oct::simt
