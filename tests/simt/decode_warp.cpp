// What lanes of a warp tell each other: votes, shuffles, matches, sums.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simt/decoding.hpp"
#include "simt/lane_loops.hpp"
#include "simt/warp.hpp"

namespace oct::simt {
namespace {

/// The lanes named by a member mask; all of those that still live must be here, for the others would wait for them.
u32 members(Lanes& lanes, Operand mask) {
  u32 named = 0;
  const u32* const masks = lanes.read<u32>(mask);
  for_lanes(lanes.active(), [&](u32 i) { named |= masks[i]; });
  if ((named & lanes.warp.live() & ~lanes.active()) != 0)
    lanes.warp.fail(fmt::format("the mask names lanes {:08x}, of which {:08x} stand elsewhere", named,
                                named & lanes.warp.live() & ~lanes.active()));
  return named & lanes.active();
}

void active_mask(Lanes& lanes, const Instruction& instruction) {
  u32* const result = lanes.write<u32>(instruction.results[0]);
  for_lanes(lanes.active(), [&](u32 i) { result[i] = lanes.active(); });
}

enum class Vote : u32 { all, any, uniform, ballot };

constexpr u32 kNegated = 8;  ///< of Instruction::immediate, beside the Vote

void vote(Lanes& lanes, const Instruction& instruction) {
  const u32 voters = members(lanes, instruction.sources[1]);
  u32 votes = lanes.predicate(instruction.sources[0]);
  if ((instruction.immediate & kNegated) != 0) votes = ~votes;
  votes &= voters;
  const bool all = votes == voters;
  switch (static_cast<Vote>(instruction.immediate & 3u)) {
    case Vote::all: return lanes.set_predicate(instruction.results[0], all ? kAllLanes : 0);
    case Vote::any: return lanes.set_predicate(instruction.results[0], votes != 0 ? kAllLanes : 0);
    case Vote::uniform: return lanes.set_predicate(instruction.results[0], all || votes == 0 ? kAllLanes : 0);
    case Vote::ballot: break;
  }
  u32* const result = lanes.write<u32>(instruction.results[0]);
  for_lanes(lanes.active(), [&](u32 i) { result[i] = votes; });
}

enum class Shuffle : u32 { up, down, butterfly, index };

/// The lane that is read, and whether it is in reach (PTX ISA, shfl.sync).
std::pair<u32, bool> source_lane(Shuffle mode, u32 lane, u32 b, u32 c) {
  const u32 segment = c >> 8 & 31u;
  const u32 clamp = c & 31u;
  const i32 highest = static_cast<i32>((lane & segment) | (clamp & ~segment));
  const i32 lowest = static_cast<i32>(lane & segment);
  const i32 by = static_cast<i32>(b & 31u);
  const i32 self = static_cast<i32>(lane);
  i32 from = self;
  bool in_reach = false;
  switch (mode) {
    case Shuffle::up: in_reach = (from = self - by) >= highest; break;
    case Shuffle::down: in_reach = (from = self + by) <= highest; break;
    case Shuffle::butterfly: in_reach = (from = self ^ by) <= highest; break;
    case Shuffle::index:
      from = lowest | (by & static_cast<i32>(~segment));
      in_reach = from <= highest;
      break;
  }
  return {static_cast<u32>(in_reach ? from : self), in_reach};
}

void shuffle(Lanes& lanes, const Instruction& instruction) {
  const u32 here = members(lanes, instruction.sources[3]);
  const u32* const value = lanes.read<u32>(instruction.sources[0]);
  const u32* const b = lanes.read<u32>(instruction.sources[1]);
  const u32* const c = lanes.read<u32>(instruction.sources[2]);
  u32 values[kLanes];
  u32 in_reach = 0;
  for_lanes(lanes.active(), [&](u32 i) {
    const auto [from, reached] = source_lane(static_cast<Shuffle>(instruction.immediate), i, b[i], c[i]);
    if ((here >> from & 1u) == 0)
      lanes.warp.fail(fmt::format("lane {} reads lane {}, which does not take part", i, from));
    values[i] = value[from];
    if (reached) in_reach |= 1u << i;
  });
  u32* const result = lanes.write<u32>(instruction.results[0]);
  for_lanes(lanes.active(), [&](u32 i) { result[i] = values[i]; });
  lanes.set_predicate(instruction.results[1], in_reach);
}

template <class S>
void match_any(Lanes& lanes, const Instruction& instruction) {
  const u32 here = members(lanes, instruction.sources[1]);
  const S* const value = lanes.read<S>(instruction.sources[0]);
  u32 equal[kLanes];
  for_lanes(lanes.active(), [&](u32 i) {
    equal[i] = 0;
    for_lanes(here, [&](u32 other) { equal[i] |= value[other] == value[i] ? 1u << other : 0u; });
  });
  u32* const result = lanes.write<u32>(instruction.results[0]);
  for_lanes(lanes.active(), [&](u32 i) { result[i] = equal[i]; });
}

template <class S>
void match_all(Lanes& lanes, const Instruction& instruction) {
  const u32 here = members(lanes, instruction.sources[1]);
  const S* const value = lanes.read<S>(instruction.sources[0]);
  const S first = value[__builtin_ctz(lanes.active())];
  bool all = true;
  for_lanes(here, [&](u32 i) { all &= value[i] == first; });
  u32* const result = lanes.write<u32>(instruction.results[0]);
  for_lanes(lanes.active(), [&](u32 i) { result[i] = all ? here : 0; });
  lanes.set_predicate(instruction.results[1], all ? kAllLanes : 0);
}

enum class Reduction : u32 { add, minimum, maximum, conjunction, disjunction, exclusive };

template <class T>
T reduced(Reduction reduction, T a, T b) {
  switch (reduction) {
    case Reduction::add: return static_cast<T>(static_cast<u32>(a) + static_cast<u32>(b));
    case Reduction::minimum: return std::min(a, b);
    case Reduction::maximum: return std::max(a, b);
    case Reduction::conjunction: return a & b;
    case Reduction::disjunction: return a | b;
    case Reduction::exclusive: return a ^ b;
  }
  return a;
}

template <class T>
void reduce(Lanes& lanes, const Instruction& instruction) {
  u32 here = members(lanes, instruction.sources[1]);
  const u32* const value = lanes.read<u32>(instruction.sources[0]);
  T sum = value_in<T>(value[__builtin_ctz(here)]);
  for_lanes(here & (here - 1), [&](u32 i) {
    sum = reduced<T>(static_cast<Reduction>(instruction.immediate), sum, value_in<T>(value[i]));
  });
  u32* const result = lanes.write<u32>(instruction.results[0]);
  for_lanes(lanes.active(), [&](u32 i) { result[i] = bits_in<T>(sum); });
}

/// One of the members: the lowest.
void elect(Lanes& lanes, const Instruction& instruction) {
  const u32 here = members(lanes, instruction.sources[0]);
  const u32 leader = static_cast<u32>(__builtin_ctz(here));
  u32* const result = lanes.write<u32>(instruction.results[0]);
  for_lanes(lanes.active(), [&](u32 i) { result[i] = leader; });
  lanes.set_predicate(instruction.results[1], 1u << leader);
}

void meet(Lanes& lanes, const Instruction& instruction) {
  members(lanes, instruction.sources[0]);
}

bool decode_vote(Decoding& decoding) {
  if (!decoding.opcode.take("sync")) return false;
  static constexpr std::array<std::string_view, 4> kNames = {"all", "any", "uni", "ballot"};
  const int kind = decoding.opcode.take_one_of(kNames);
  const Type type = decoding.take_type();
  if (kind < 0 || type != (kind == 3 ? Type::b32 : Type::pred)) return false;
  bool negated = false;
  decoding.result(0, type);
  decoding.out.sources[0] = decoding.function.predicate(decoding.statement, decoding.operand(1), negated);
  decoding.out.sources[1] = decoding.function.source(decoding.statement, decoding.operand(2), Type::b32);
  decoding.out.immediate = static_cast<u32>(kind) | (negated ? kNegated : 0);
  decoding.out.run = &vote;
  return true;
}

/// "%r1|%p1" or "%r1": a value, and a predicate that may be absent.
void set_two_results(Decoding& decoding, Type type) {
  const std::string& text = decoding.operand(0);
  const std::size_t bar = text.find('|');
  Instruction& out = decoding.out;
  out.results[0] = decoding.function.result(decoding.statement, text.substr(0, bar), type);
  out.results[1] = bar == std::string::npos
                       ? decoding.function.unused(Type::pred)
                       : decoding.function.result(decoding.statement, text.substr(bar + 1), Type::pred);
}

bool decode_shuffle(Decoding& decoding) {
  if (!decoding.opcode.take("sync")) return false;
  static constexpr std::array<std::string_view, 4> kNames = {"up", "down", "bfly", "idx"};
  const int mode = decoding.opcode.take_one_of(kNames);
  if (mode < 0 || decoding.take_type() != Type::b32) return false;
  set_two_results(decoding, Type::b32);
  for (std::size_t i = 1; i <= 4; ++i) decoding.source(i, Type::b32);
  decoding.out.immediate = static_cast<u32>(mode);
  decoding.out.run = &shuffle;
  return true;
}

bool decode_match(Decoding& decoding) {
  const bool any = decoding.opcode.take("any");
  if ((!any && !decoding.opcode.take("all")) || !decoding.opcode.take("sync")) return false;
  const Type type = decoding.take_type();
  const bool wide = size_of(type) == 8;
  set_two_results(decoding, Type::b32);
  decoding.source(1, type);
  decoding.source(2, Type::b32);
  if (any) {
    decoding.out.run = wide ? &match_any<u64> : &match_any<u32>;
  } else {
    decoding.out.run = wide ? &match_all<u64> : &match_all<u32>;
  }
  return true;
}

bool decode_reduction(Decoding& decoding) {
  if (!decoding.opcode.take("sync")) return false;
  static constexpr std::array<std::string_view, 6> kNames = {"add", "min", "max", "and", "or", "xor"};
  const int kind = decoding.opcode.take_one_of(kNames);
  const Type type = decoding.take_type();
  if (kind < 0 || size_of(type) != 4 || is_float(type)) return false;
  decoding.all_of(type, 1);
  decoding.source(2, Type::b32);
  decoding.out.immediate = static_cast<u32>(kind);
  decoding.out.run = type == Type::s32 ? &reduce<i32> : &reduce<u32>;
  return true;
}

bool decode_elect(Decoding& decoding) {
  if (!decoding.opcode.take("sync")) return false;
  set_two_results(decoding, Type::b32);
  decoding.source(1, Type::b32);
  decoding.out.run = &elect;
  return true;
}

bool decode_meeting(Decoding& decoding) {
  if (!decoding.opcode.take("warp") || !decoding.opcode.take("sync")) return false;
  decoding.source(0, Type::b32);
  decoding.out.run = &meet;
  return true;
}

}  // namespace

bool decode_warp(Decoding& decoding) {
  const std::string& base = decoding.opcode.base();
  if (base == "activemask") {
    decoding.result(0, decoding.take_type());
    decoding.out.run = &active_mask;
    return true;
  }
  if (base == "vote") return decode_vote(decoding);
  if (base == "shfl") return decode_shuffle(decoding);
  if (base == "match") return decode_match(decoding);
  if (base == "redux") return decode_reduction(decoding);
  if (base == "elect") return decode_elect(decoding);
  if (base == "bar") return decode_meeting(decoding);
  return false;
}

}  // namespace oct::simt
