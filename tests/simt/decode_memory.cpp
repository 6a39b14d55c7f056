// Loads and stores in all spaces.
#include <algorithm>
#include <array>
#include <cstring>

#include "simt/decoding.hpp"
#include "simt/lane_loops.hpp"
#include "simt/memory_access.hpp"
#include "simt/warp.hpp"

namespace oct::simt {
namespace {

/// Element: as it lies in memory. S: of the register, which may be wider; signs are extended, else zeros.
template <class Element, class S>
void load_elements(Lanes& lanes, const Instruction& instruction) {
  u64 addresses[kLanes];
  memory_addresses(lanes, instruction, addresses);
  for (u32 k = 0; k < instruction.element_count; ++k) {
    S* const result = lanes.write<S>(instruction.results[k]);
    for_lanes(lanes.active(), [&](u32 i) {
      Element value;
      std::memcpy(&value, reinterpret_cast<const void*>(addresses[i] + k * sizeof(Element)), sizeof value);
      result[i] = static_cast<S>(value);
    });
  }
}

template <class Element, class S>
void store_elements(Lanes& lanes, const Instruction& instruction) {
  u64 addresses[kLanes];
  memory_addresses(lanes, instruction, addresses);
  for (u32 k = 0; k < instruction.element_count; ++k) {
    const S* const source = lanes.read<S>(instruction.sources[k + 1]);
    for_lanes(lanes.active(), [&](u32 i) {
      const Element value = static_cast<Element>(source[i]);
      std::memcpy(reinterpret_cast<void*>(addresses[i] + k * sizeof(Element)), &value, sizeof value);
    });
  }
}

template <class S>
Handler load_handler(Type type) {
  switch (type) {
    case Type::b8:
    case Type::u8: return &load_elements<u8, S>;
    case Type::s8: return &load_elements<i8, S>;
    case Type::b16:
    case Type::u16: return &load_elements<u16, S>;
    case Type::s16: return &load_elements<i16, S>;
    case Type::s32: return &load_elements<i32, S>;
    case Type::b64:
    case Type::u64:
    case Type::s64:
    case Type::f64: return sizeof(S) == 8 ? &load_elements<u64, S> : nullptr;
    default: return &load_elements<u32, S>;
  }
}

template <class S>
Handler store_handler(u32 size) {
  switch (size) {
    case 1: return &store_elements<u8, S>;
    case 2: return &store_elements<u16, S>;
    case 4: return &store_elements<u32, S>;
    default: return sizeof(S) == 8 ? &store_elements<u64, S> : nullptr;
  }
}

u32 take_vector(Opcode& opcode) {
  static constexpr std::array<std::string_view, 3> kNames = {"v2", "v4", "v8"};
  const int index = opcode.take_one_of(kNames);
  return index < 0 ? 1 : 2u << index;
}

void take_cache_hints(Opcode& opcode) {
  static constexpr std::array<std::string_view, 20> kHints = {"ca",
                                                              "cg",
                                                              "cs",
                                                              "lu",
                                                              "cv",
                                                              "wb",
                                                              "wt",
                                                              "nc",
                                                              "L1::evict_normal",
                                                              "L1::evict_unchanged",
                                                              "L1::evict_first",
                                                              "L1::evict_last",
                                                              "L1::no_allocate",
                                                              "L2::64B",
                                                              "L2::128B",
                                                              "L2::256B",
                                                              "unified",
                                                              "L2::evict_last",
                                                              "L2::evict_normal",
                                                              "L2::evict_first"};
  while (opcode.take_one_of(kHints) >= 0) {
  }
}

std::vector<std::string> registers_of(const std::string& text) {
  if (!text.starts_with('{')) return {text};
  return split_operands(std::string_view(text).substr(1, text.size() - 2));
}

/// Loads and stores: vectors, hints, address, registers.
bool decode_access(Decoding& decoding, bool loads) {
  Instruction& out = decoding.out;
  take_memory_order(decoding.opcode);
  const Space space = take_space(decoding.opcode);
  out.access = access_of(space, loads ? Access::load : Access::store);
  take_cache_hints(decoding.opcode);
  out.element_count = static_cast<u8>(take_vector(decoding.opcode));
  const Type type = decoding.take_type();
  out.element_size = static_cast<u8>(size_of(type));
  set_address(decoding, decoding.operand(loads ? 1 : 0), space);
  const std::vector<std::string> registers = registers_of(decoding.operand(loads ? 0 : 1));
  if (registers.size() != out.element_count) return false;
  const auto is_wide = [&](const std::string& name) { return decoding.function.is_wide(name); };
  const bool wide = size_of(type) == 8 || std::any_of(registers.begin(), registers.end(), is_wide);
  for (std::size_t k = 0; k < registers.size(); ++k) {
    if (loads) {
      out.results[k] =
          decoding.function.result(decoding.statement, registers[k], wide ? Type::b64 : Type::b32);
    } else {
      out.sources[k + 1] =
          decoding.function.source(decoding.statement, registers[k], wide ? Type::b64 : Type::b32);
    }
  }
  if (loads) {
    out.run = wide ? load_handler<u64>(type) : load_handler<u32>(type);
  } else {
    out.run = wide ? store_handler<u64>(size_of(type)) : store_handler<u32>(size_of(type));
  }
  return out.run != nullptr;
}

}  // namespace

bool decode_memory(Decoding& decoding) {
  const std::string& base = decoding.opcode.base();
  if (base == "ld" || base == "ldu") return decode_access(decoding, true);
  if (base == "st") return decode_access(decoding, false);
  if (base == "prefetch" || base == "prefetchu") return decode_without_effect(decoding);  // a hint
  return false;
}

}  // namespace oct::simt
