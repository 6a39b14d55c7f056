// mov, cvta, selp, slct: values and addresses from one register to another.
#include <array>

#include "simt/decoding.hpp"
#include "simt/lane_loops.hpp"
#include "simt/warp.hpp"

namespace oct::simt {
namespace {

template <class S>
void move(Lanes& lanes, const Instruction& instruction) {
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const mask = lanes.mask<S>();
  const S* const a = lanes.read<S>(instruction.sources[0]);
  for (u32 i = 0; i < kLanes; ++i) result[i] = kept<S>(mask[i], a[i], result[i]);
}

void move_predicate(Lanes& lanes, const Instruction& instruction) {
  lanes.set_predicate(instruction.results[0], lanes.predicate(instruction.sources[0]));
}

/// The address of a variable: its base, which is a double word, and a displacement.
template <class S>
void move_address(Lanes& lanes, const Instruction& instruction) {
  S* const result = lanes.write<S>(instruction.results[0]);
  const u64* const base = lanes.read<u64>(instruction.sources[0]);
  for_lanes(lanes.active(),
            [&](u32 i) { result[i] = static_cast<S>(base[i] + static_cast<u64>(instruction.displacement)); });
}

/// {a, b} to a register as wide as both; `element_size` bytes each.
void pack(Lanes& lanes, const Instruction& instruction) {
  const u32 bits = 8u * instruction.element_size;
  const bool wide = bits * instruction.element_count == 64;
  for_lanes(lanes.active(), [&](u32 i) {
    u64 value = 0;
    for (u32 k = 0; k < instruction.element_count; ++k)
      value |= (u64{lanes.read<u32>(instruction.sources[k])[i]} & ((u64{1} << bits) - 1)) << (bits * k);
    if (wide) {
      lanes.write<u64>(instruction.results[0])[i] = value;
    } else {
      lanes.write<u32>(instruction.results[0])[i] = static_cast<u32>(value);
    }
  });
}

void unpack(Lanes& lanes, const Instruction& instruction) {
  const u32 bits = 8u * instruction.element_size;
  const bool wide = bits * instruction.element_count == 64;
  for_lanes(lanes.active(), [&](u32 i) {
    const u64 value =
        wide ? lanes.read<u64>(instruction.sources[0])[i] : lanes.read<u32>(instruction.sources[0])[i];
    for (u32 k = 0; k < instruction.element_count; ++k)
      lanes.write<u32>(instruction.results[k])[i] =
          static_cast<u32>(value >> (bits * k)) & static_cast<u32>((u64{1} << bits) - 1);
  });
}

std::vector<std::string> elements_of(const std::string& text) {
  return split_operands(std::string_view(text).substr(1, text.size() - 2));
}

bool decode_vector(Decoding& decoding, Type type) {
  const bool packs = decoding.operand(1).starts_with('{');
  const std::vector<std::string> elements = elements_of(decoding.operand(packs ? 1 : 0));
  Instruction& out = decoding.out;
  out.element_count = static_cast<u8>(elements.size());
  out.element_size = static_cast<u8>(size_of(type) / elements.size());
  const Type element = out.element_size == 4 ? Type::b32 : Type::b16;
  if (out.element_size != 4 && out.element_size != 2) return false;
  for (std::size_t k = 0; k < elements.size(); ++k) {
    if (packs) {
      out.sources[k] = decoding.function.source(decoding.statement, elements[k], element);
    } else {
      out.results[k] = decoding.function.result(decoding.statement, elements[k], element);
    }
  }
  if (packs) {
    decoding.result(0, type);
  } else {
    decoding.source(1, type);
  }
  out.run = packs ? &pack : &unpack;
  return true;
}

bool decode_address(Decoding& decoding, Type type) {
  const Address address = decoding.function.named(decoding.statement, decoding.operand(1));
  decoding.result(0, type);
  decoding.out.sources[0] = address.base;
  decoding.out.displacement = address.displacement;
  decoding.out.run = size_of(type) == 8 ? &move_address<u64> : &move_address<u32>;
  return true;
}

bool decode_mov(Decoding& decoding) {
  const Type type = decoding.take_type();
  const std::string& from = decoding.operand(1);
  if (from.starts_with('{') || decoding.operand(0).starts_with('{')) return decode_vector(decoding, type);
  if (from != "WARP_SZ" && decoding.function.is_name(from)) return decode_address(decoding, type);
  decoding.all_of(type, 1);
  decoding.out.run = type == Type::pred ? &move_predicate : size_of(type) == 8 ? &move<u64> : &move<u32>;
  return true;
}

template <bool kToGeneric>
void convert_shared(Lanes& lanes, const Instruction& instruction) {
  const u64 base = lanes.warp.shared_base();
  const u64* const from = lanes.read<u64>(instruction.sources[0]);
  u64* const result = lanes.write<u64>(instruction.results[0]);
  for_lanes(lanes.active(), [&](u32 i) {
    const u64 address = from[i] + static_cast<u64>(instruction.displacement);
    result[i] = kToGeneric ? address + base : address - base;
  });
}

/// Addresses are those of the host in all spaces but the shared one, whose addresses begin at 0.
bool decode_cvta(Decoding& decoding) {
  const bool to_space = decoding.opcode.take("to");
  const bool shared = decoding.opcode.take("shared") || decoding.opcode.take("shared::cta");
  static constexpr std::array<std::string_view, 4> kOthers = {"global", "local", "const", "param"};
  if (!shared && decoding.opcode.take_one_of(kOthers) < 0) return false;
  if (size_of(decoding.take_type()) != 8) return false;
  decoding.result(0, Type::u64);
  const std::string& from = decoding.operand(1);
  if (decoding.function.is_name(from)) {
    const Address address = decoding.function.named(decoding.statement, from);
    decoding.out.sources[0] = address.base;
    decoding.out.displacement = address.displacement;
  } else {
    decoding.source(1, Type::u64);
  }
  decoding.out.run = !shared ? &move_address<u64> : to_space ? &convert_shared<false> : &convert_shared<true>;
  return true;
}

template <class S>
void choose(Lanes& lanes, const Instruction& instruction, u32 first) {
  S* const result = lanes.write<S>(instruction.results[0]);
  const S* const mask = lanes.mask<S>();
  const S* const a = lanes.read<S>(instruction.sources[0]);
  const S* const b = lanes.read<S>(instruction.sources[1]);
  for (u32 i = 0; i < kLanes; ++i) {
    const S wanted = (first & (1u << i)) != 0 ? a[i] : b[i];
    result[i] = kept<S>(mask[i], wanted, result[i]);
  }
}

template <class S>
void select(Lanes& lanes, const Instruction& instruction) {
  choose<S>(lanes, instruction, lanes.predicate(instruction.sources[2]));
}

/// By the sign of the third operand; a NaN takes the second.
template <class S, class C>
void select_by_sign(Lanes& lanes, const Instruction& instruction) {
  const u32* const c = lanes.read<u32>(instruction.sources[2]);
  u32 first = 0;
  for (u32 i = 0; i < kLanes; ++i) first |= value_in<C>(c[i]) >= 0 ? 1u << i : 0u;
  choose<S>(lanes, instruction, first);
}

bool decode_selp(Decoding& decoding) {
  const Type type = decoding.take_type();
  decoding.all_of(type, 2);
  decoding.source(3, Type::pred);
  decoding.out.run = size_of(type) == 8 ? &select<u64> : &select<u32>;
  return true;
}

bool decode_slct(Decoding& decoding) {
  const Type by = decoding.take_type();
  const Type type = decoding.take_type();
  if (by != Type::s32 && by != Type::f32) return false;
  decoding.all_of(type, 2);
  decoding.source(3, by);
  const bool wide = size_of(type) == 8;
  if (by == Type::s32) {
    decoding.out.run = wide ? &select_by_sign<u64, i32> : &select_by_sign<u32, i32>;
  } else {
    decoding.out.run = wide ? &select_by_sign<u64, float> : &select_by_sign<u32, float>;
  }
  return true;
}

}  // namespace

bool decode_move(Decoding& decoding) {
  const std::string& base = decoding.opcode.base();
  if (base == "mov") return decode_mov(decoding);
  if (base == "cvta") return decode_cvta(decoding);
  if (base == "selp") return decode_selp(decoding);
  if (base == "slct") return decode_slct(decoding);
  return false;
}

}  // namespace oct::simt
