// setp: comparisons, combined with a predicate; setp.nan and setp.num ask for NaN.
#include <array>

#include "simt/decoding.hpp"
#include "simt/lane_loops.hpp"

namespace oct::simt {
namespace {

struct Equal {
  template <class T>
  static bool of(T a, T b) {
    return a == b;
  }
};
struct NotEqual {  // of two numbers
  template <class T>
  static bool of(T a, T b) {
    return a < b || a > b;
  }
};
struct Less {
  template <class T>
  static bool of(T a, T b) {
    return a < b;
  }
};
struct LessOrEqual {
  template <class T>
  static bool of(T a, T b) {
    return a <= b;
  }
};
struct Greater {
  template <class T>
  static bool of(T a, T b) {
    return a > b;
  }
};
struct GreaterOrEqual {
  template <class T>
  static bool of(T a, T b) {
    return a >= b;
  }
};
struct Unordered {
  template <class T>
  static bool of(T a, T b) {
    return a != a || b != b;
  }
};
/// True for a NaN, too.
template <class Op>
struct OrUnordered {
  template <class T>
  static bool of(T a, T b) {
    return Op::template of<T>(a, b) || Unordered::of<T>(a, b);
  }
};
struct Ordered {
  template <class T>
  static bool of(T a, T b) {
    return !Unordered::of<T>(a, b);
  }
};

// Instruction::immediate of a comparison
constexpr u32 kNoCombination = 0, kAnd = 1, kOr = 2, kXor = 3, kCombination = 3;
constexpr u32 kNegated = 4;   ///< the predicate that it is combined with
constexpr u32 kOpposite = 8;  ///< has a second result, of the opposite comparison

u32 combined(u32 comparison, u32 predicate, u32 how) {
  switch (how) {
    case kAnd: return comparison & predicate;
    case kOr: return comparison | predicate;
    case kXor: return comparison ^ predicate;
    default: return comparison;
  }
}

template <class T, class Op>
void compare(Lanes& lanes, const Instruction& instruction) {
  using S = Storage<T>;
  const S* const a = lanes.read<S>(instruction.sources[0]);
  const S* const b = lanes.read<S>(instruction.sources[1]);
  u32 bits = 0;
  for (u32 i = 0; i < kLanes; ++i)
    bits |= Op::template of<T>(value_in<T>(a[i]), value_in<T>(b[i])) ? 1u << i : 0u;
  const u32 how = instruction.immediate & kCombination;
  u32 predicate = how == kNoCombination ? 0 : lanes.predicate(instruction.sources[2]);
  if ((instruction.immediate & kNegated) != 0) predicate = ~predicate;
  lanes.set_predicate(instruction.results[0], combined(bits, predicate, how));
  if ((instruction.immediate & kOpposite) != 0)
    lanes.set_predicate(instruction.results[1], combined(~bits, predicate, how));
}

template <class Op>
struct CompareOf {
  template <class T>
  struct Make {
    static Handler handler() { return &compare<T, Op>; }
  };
};

template <class Op, class FloatOp>
Handler handler_of(Type type) {
  if (type == Type::f32) return &compare<float, FloatOp>;
  if (type == Type::f64) return &compare<double, FloatOp>;
  return by_integer<CompareOf<Op>::template Make>(type);
}
template <class Op>
Handler float_handler(Type type) {
  if (type == Type::f32) return &compare<float, Op>;
  return type == Type::f64 ? &compare<double, Op> : nullptr;
}

using Choice = Handler (*)(Type);
constexpr std::array<std::pair<std::string_view, Choice>, 18> kComparisons = {
    {{"eq", &handler_of<Equal, Equal>},
     {"ne", &handler_of<NotEqual, NotEqual>},
     {"lt", &handler_of<Less, Less>},
     {"le", &handler_of<LessOrEqual, LessOrEqual>},
     {"gt", &handler_of<Greater, Greater>},
     {"ge", &handler_of<GreaterOrEqual, GreaterOrEqual>},
     {"lo", &handler_of<Less, Less>},
     {"ls", &handler_of<LessOrEqual, LessOrEqual>},
     {"hi", &handler_of<Greater, Greater>},
     {"hs", &handler_of<GreaterOrEqual, GreaterOrEqual>},
     {"equ", &float_handler<OrUnordered<Equal>>},
     {"neu", &float_handler<OrUnordered<NotEqual>>},
     {"ltu", &float_handler<OrUnordered<Less>>},
     {"leu", &float_handler<OrUnordered<LessOrEqual>>},
     {"gtu", &float_handler<OrUnordered<Greater>>},
     {"geu", &float_handler<OrUnordered<GreaterOrEqual>>},
     {"num", &float_handler<Ordered>},
     {"nan", &float_handler<Unordered>}}};

Handler take_comparison(Decoding& decoding, Type type) {
  for (const auto& [name, choose] : kComparisons) {
    if (decoding.opcode.take(name)) return choose(type);
  }
  return nullptr;
}

}  // namespace

bool decode_compare(Decoding& decoding) {
  if (decoding.opcode.base() != "setp") return false;
  const Type type = decoding.take_type();
  decoding.out.run = take_comparison(decoding, type);
  if (!decoding.out.run) return false;
  static constexpr std::array<std::string_view, 3> kNames = {"and", "or", "xor"};
  decoding.out.immediate = static_cast<u32>(decoding.opcode.take_one_of(kNames) + 1);
  const std::string& results = decoding.operand(0);
  const std::size_t bar = results.find('|');
  Instruction& out = decoding.out;
  out.results[0] = decoding.function.result(decoding.statement, results.substr(0, bar), Type::pred);
  if (bar != std::string::npos) {
    out.results[1] = decoding.function.result(decoding.statement, results.substr(bar + 1), Type::pred);
    out.immediate |= kOpposite;
  }
  decoding.source(1, type);
  decoding.source(2, type);
  if ((out.immediate & kCombination) == kNoCombination) return true;
  bool negated = false;
  out.sources[2] = decoding.function.predicate(decoding.statement, decoding.operand(3), negated);
  if (negated) out.immediate |= kNegated;
  return true;
}

}  // namespace oct::simt
