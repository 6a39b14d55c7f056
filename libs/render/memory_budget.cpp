#include "render/memory_budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/figure.hpp"
#include "data/types.hpp"
#include "data/unit.hpp"
#include "render_data/limits.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::uint64_t kWorthSaying = 5 * kMegabyte;  ///< what is less would read 0.00

/// Code, libraries, log, tables: what the program has when it does nothing.
constexpr std::uint64_t kProgramBytes = 24 * kMegabyte;

/// Bytes of HostBvh for each triangle, measured: 72.6, 76.2, 71.5 wide and 82.3, 83.6, 82.4 compact
/// (FlightHelmet, ToyCar, CountryKitchen). Building takes as much again for boxes and binary nodes (98
/// measured).
constexpr std::uint64_t kWideTreeBytes = 76, kCompactTreeBytes = 84, kTreeBuildingBytes = 100;

/// A batch of paths, the sums of the tile, and the stack that is touched.
constexpr std::uint64_t kThreadBytes = kMegabyte;

/// Who holds what of each unit: the ledger, and the dispatcher's lists.
constexpr std::uint64_t kUnitBytes = 12;

/// Contributions that wait to be merged. Of a device here: as many units as it finishes while one is merged
/// and the film is looked at; of a slave: what its connection holds back.
constexpr std::uint64_t kUnitsInFlight = 1024;

/// Rows of a picture that are resolved, displayed, encoded and compressed together: 12 + 12 + 8 + 8 bytes a
/// pixel.
constexpr std::uint64_t kStripRows = 128, kStripPixelBytes = 40;

/// Pixels of a PNG file's strip, which each thread has one of.
constexpr std::uint64_t kPngStripPixels = 512 * 1024 / 3;

std::uint64_t film_bytes(const MemoryNeeds& needs) {
  return std::uint64_t{needs.width} * needs.height * kFilmChannels * sizeof(std::int64_t);
}

/// Luminances of all and of half of a pixel's samples (NoiseRule).
std::uint64_t noise_bytes(const MemoryNeeds& needs) {
  return needs.follows_noise ? std::uint64_t{needs.width} * needs.height * 3 * sizeof(std::int64_t) : 0;
}

std::uint64_t tiles_of(const MemoryNeeds& needs) {
  const std::uint64_t across = (needs.width + kTileSize - 1) / kTileSize;
  return across * ((needs.height + kTileSize - 1) / kTileSize);
}

std::uint64_t flight_bytes(const MemoryNeeds& needs) {
  constexpr std::uint64_t kTileBytes =
      std::uint64_t{kTileSize} * kTileSize * kFilmChannels * sizeof(std::int64_t);
  const std::uint64_t units = std::min(kUnitsInFlight, tiles_of(needs) * std::max(needs.passes, 1u));
  return needs.local_devices * units * kTileBytes;
}

std::uint64_t network_bytes(const MemoryNeeds& needs) {
  return std::uint64_t{needs.slaves} * (kMaxInboxBytes + kBulkRoomBytes + kUnsentBytes);
}

std::uint64_t picture_bytes(const MemoryNeeds& needs) {
  const std::uint64_t at_once = std::min(needs.file_outputs, 1u) + needs.watchers;
  const std::uint64_t rows = needs.width * std::min<std::uint64_t>(needs.height, kStripRows);
  const std::uint64_t strips = needs.file_outputs == 0 ? 0
                                                       : std::min(needs.cpu_threads * kPngStripPixels,
                                                                  std::uint64_t{needs.width} * needs.height);
  return (at_once * rows + strips) * kStripPixelBytes;
}

std::string gigabytes(std::uint64_t bytes) {
  const double value = static_cast<double>(bytes) / 1e9;
  return figure(value, value < 0.995 ? 2 : 1);
}

/// What would make the greatest part smaller.
std::string advice(const MemoryBudget& budget) {
  const std::string_view greatest = budget.parts.front().name;
  if (greatest == "film" || greatest == "pictures" || greatest == "units")
    return "a smaller film: --film-width, --film-height";
  if (greatest == "tree" && budget.parts.size() > 1)
    return "fewer triangles, or fewer kinds of devices (GPUs without --cpu): each kind has a tree of its own";
  if (greatest == "threads") return "fewer threads: --threads";
  if (greatest == "slaves") return "fewer slaves: --net-use";
  return "fewer triangles or smaller textures, a smaller film, or a computer with more memory";
}

}  // namespace

std::uint64_t triangles_in_tree(std::uint64_t unique, std::uint64_t placed) {
  return std::min(std::max(placed, unique), unique + baked_duplicate_budget(unique));
}

MemoryBudget memory_budget(const MemoryNeeds& needs) {
  const std::uint64_t trees = needs.wide_trees * kWideTreeBytes + needs.compact_trees * kCompactTreeBytes;
  const std::uint64_t building = trees == 0 ? 0 : needs.tree_triangles * kTreeBuildingBytes;
  const std::uint64_t pictures = picture_bytes(needs);
  MemoryBudget budget;
  budget.parts = {
      {"film", film_bytes(needs) + noise_bytes(needs)},
      {"scene", needs.scene_bytes},
      {"other scenes", needs.held_scene_bytes + needs.held_tree_triangles * trees},
      {"tree", needs.tree_triangles * trees + (building > pictures ? building : 0)},
      {"units", tiles_of(needs) * needs.passes * kUnitBytes},
      {"contributions", flight_bytes(needs)},
      {"threads", needs.cpu_threads * kThreadBytes},
      {"slaves", network_bytes(needs)},
      {"pictures", building > pictures ? 0 : pictures},  // written when no tree is built any more
      {"program", kProgramBytes},
  };
  std::erase_if(budget.parts, [](const MemoryPart& part) { return part.bytes == 0; });
  std::stable_sort(budget.parts.begin(), budget.parts.end(),
                   [](const MemoryPart& a, const MemoryPart& b) { return a.bytes > b.bytes; });
  for (const MemoryPart& part : budget.parts) budget.bytes += part.bytes;
  return budget;
}

Result<void> check_memory_budget(const MemoryNeeds& needs, const std::optional<MemoryLimit>& limit) {
  const MemoryBudget budget = memory_budget(needs);
  if (!limit || budget.bytes <= limit->bytes) return {};
  std::string parts;
  for (const MemoryPart& part : budget.parts) {
    if (part.bytes < kWorthSaying) continue;
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", part.name, gigabytes(part.bytes));
  }
  return fail(ErrorKind::exhausted,
              fmt::format("the render needs {} GB ({}), {} GB may be used ({})", gigabytes(budget.bytes),
                          parts, gigabytes(limit->bytes), limit->what),
              advice(budget));
}

}  // namespace oct
