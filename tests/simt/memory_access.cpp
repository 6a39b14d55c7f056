#include "simt/memory_access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simt/warp.hpp"

namespace oct::simt {
namespace {

constexpr u32 kSectorBytes = 32, kSectorsOfLine = 4;
constexpr u32 kBanks = 32;

// Instruction::immediate of an access
constexpr u32 kNarrowBase = 1;  ///< the base is a register of 32 bits
constexpr u32 kGeneric = 2;     ///< the address may be of any space
constexpr u32 kInShared = 4;    ///< an offset in shared memory

u32 bytes_of(const Instruction& instruction) {
  return u32{instruction.element_size} * instruction.element_count;
}

/// Sectors and lines that the active lanes touch together.
void count_lines(InstructionCount& count, const u64* addresses, u32 active, u32 bytes) {
  std::array<u64, 3 * kLanes> sectors;  // 64 bytes may lie in three
  u32 used = 0;
  for_lanes(active, [&](u32 lane) {
    const u64 last = (addresses[lane] + bytes - 1) / kSectorBytes;
    for (u64 sector = addresses[lane] / kSectorBytes; sector <= last; ++sector) {
      if (used == 0 || sectors[used - 1] != sector) sectors[used++] = sector;
    }
  });
  std::sort(sectors.begin(), sectors.begin() + used);
  u64 previous = ~u64{0}, previous_line = ~u64{0};
  for (u32 i = 0; i < used; ++i) {
    if (sectors[i] == previous) continue;
    previous = sectors[i];
    ++count.sectors;
    if (previous / kSectorsOfLine != previous_line) ++count.lines;
    previous_line = previous / kSectorsOfLine;
  }
}

/// Words of local memory lie lane by lane: a word that all lanes use is one line.
void count_local(Warp& warp, const u64* addresses, u32 active, u32 bytes) {
  std::array<u64, kLanes> words;
  u32 used = 0;
  for_lanes(active, [&](u32 lane) {
    if (!warp.find_local(addresses[lane], bytes, lane, words[used++]))
      warp.fail(fmt::format("local memory of lane {} at {:#x}, {} bytes, which it does not have", lane,
                            addresses[lane], bytes));
  });
  std::sort(words.begin(), words.begin() + used);
  const u64 lines = static_cast<u64>(std::unique(words.begin(), words.begin() + used) - words.begin());
  warp.count().lines += lines * ((bytes + 3) / 4);
}

/// Passes: how many different words the busiest bank serves.
void count_shared(Warp& warp, const u64* addresses, u32 active, u32 bytes) {
  std::array<u64, 16 * kLanes> words;
  u32 used = 0;
  const u64 base = warp.shared_base();
  for_lanes(active, [&](u32 lane) {
    const u64 offset = addresses[lane] - base;
    if (offset + bytes > warp.shared_bytes())
      warp.fail(fmt::format("shared memory at {:#x}, {} bytes, of {} that the block has", offset, bytes,
                            warp.shared_bytes()));
    for (u64 word = offset / 4; word <= (offset + bytes - 1) / 4; ++word) words[used++] = word;
  });
  std::sort(words.begin(), words.begin() + used);
  std::array<u32, kBanks> load{};
  for (u32 i = 0; i < used; ++i) {
    if (i == 0 || words[i] != words[i - 1]) ++load[words[i] % kBanks];
  }
  warp.count().lines += *std::max_element(load.begin(), load.end());
}

bool is_local(const Warp& warp, u64 address, u32 bytes, u32 lane) {
  u64 word = 0;
  return warp.find_local(address, bytes, lane, word);
}

/// The space of a generic access: that of its first lane.
Access found_access(const Warp& warp, const Instruction& instruction, const u64* addresses, u32 active) {
  const u32 lane = static_cast<u32>(__builtin_ctz(active));
  const u32 bytes = bytes_of(instruction);
  if (is_local(warp, addresses[lane], bytes, lane)) return Access::local;
  const u64 shared = warp.shared_base();
  if (addresses[lane] >= shared && addresses[lane] < shared + warp.shared_bytes()) return Access::shared;
  return instruction.access;
}

}  // namespace

Space take_space(Opcode& opcode) {
  static constexpr std::array<std::pair<std::string_view, Space>, 9> kSpaces = {
      {{"global", Space::global},
       {"const", Space::constant},
       {"local", Space::local},
       {"shared", Space::shared},
       {"shared::cta", Space::shared},
       {"param", Space::parameter},
       {"param::entry", Space::parameter},
       {"param::func", Space::parameter},
       {"generic", Space::generic}}};
  for (const auto& [name, space] : kSpaces) {
    if (opcode.take(name)) return space;
  }
  return Space::generic;
}

void take_memory_order(Opcode& opcode) {
  static constexpr std::array<std::string_view, 12> kOrders = {"weak",    "volatile", "relaxed", "acquire",
                                                               "release", "acq_rel",  "seq_cst", "mmio",
                                                               "cta",     "gpu",      "sys",     "cluster"};
  while (opcode.take_one_of(kOrders) >= 0) {
  }
}

Access access_of(Space space, Access in_global) {
  switch (space) {
    case Space::local: return Access::local;
    case Space::shared: return Access::shared;
    case Space::parameter: return Access::none;
    default: return in_global;
  }
}

void set_address(Decoding& decoding, const std::string& text, Space space) {
  const Address address = decoding.function.address(decoding.statement, text);
  decoding.out.sources[0] = address.base;
  decoding.out.displacement = address.displacement;
  if (address.is_narrow) decoding.out.immediate |= kNarrowBase;
  if (space == Space::generic) decoding.out.immediate |= kGeneric;
  if (space == Space::shared) decoding.out.immediate |= kInShared;
}

void memory_addresses(Lanes& lanes, const Instruction& instruction, u64* addresses) {
  const u64 moved = static_cast<u64>(instruction.displacement) +
                    ((instruction.immediate & kInShared) != 0 ? lanes.warp.shared_base() : 0);
  if ((instruction.immediate & kNarrowBase) != 0) {
    const u32* const base = lanes.read<u32>(instruction.sources[0]);
    for (u32 i = 0; i < kLanes; ++i) addresses[i] = base[i] + moved;
  } else {
    const u64* const base = lanes.read<u64>(instruction.sources[0]);
    for (u32 i = 0; i < kLanes; ++i) addresses[i] = base[i] + moved;
  }
  const u32 active = lanes.active();
  const bool generic = (instruction.immediate & kGeneric) != 0;
  switch (generic ? found_access(lanes.warp, instruction, addresses, active) : instruction.access) {
    case Access::none: return;
    case Access::local: return count_local(lanes.warp, addresses, active, bytes_of(instruction));
    case Access::shared: return count_shared(lanes.warp, addresses, active, bytes_of(instruction));
    default: return count_lines(lanes.warp.count(), addresses, active, bytes_of(instruction));
  }
}

}  // namespace oct::simt
