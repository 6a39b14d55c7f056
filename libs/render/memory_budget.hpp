#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/memory_limit.hpp"
#include "base/result.hpp"

// What a render needs of this computer's memory, in a master or a slave, added up before its first sample. Pure.

namespace oct {

/// What the sum depends on. Zeros, as before the scene is loaded, count as nothing.
struct MemoryNeeds {
  std::uint32_t width = 0, height = 0;    ///< of the film
  std::uint32_t passes = 0;               ///< of the picture
  bool follows_noise = false;             ///< of its tiles
  std::uint64_t scene_bytes = 0;          ///< render data
  std::uint64_t tree_triangles = 0;       ///< that one tree is built over; see triangles_in_tree()
  std::uint64_t held_scene_bytes = 0;     ///< render data of other scenes that stay meanwhile
  std::uint64_t held_tree_triangles = 0;  ///< of their trees, which are built already
  std::uint32_t wide_trees = 0;           ///< kept in memory, for CPUs
  std::uint32_t compact_trees = 0;        ///< for GPUs; count those that lie in host memory at the same time
  std::uint32_t cpu_threads = 0;          ///< that trace paths
  std::uint32_t local_devices = 0;
  std::uint32_t slaves = 0;        ///< expected
  std::uint32_t file_outputs = 0;  ///< pictures to write, one after the other
  std::uint32_t watchers = 0;      ///< preview and display server
};

struct MemoryPart {
  const char* name;  ///< "film"
  std::uint64_t bytes;
};

struct MemoryBudget {
  std::vector<MemoryPart> parts;  ///< the greatest first
  std::uint64_t bytes = 0;        ///< at the moment when most is needed
};

MemoryBudget memory_budget(const MemoryNeeds& needs);

/// Triangles of the trees of a scene: `unique` in its meshes, `placed` by all its instances. What is placed
/// more often than compile/ bakes shares the tree of its mesh.
std::uint64_t triangles_in_tree(std::uint64_t unique, std::uint64_t placed);

/// `exhausted`, with the parts in numbers and what makes them smaller, when more is needed than may be used.
/// Without a limit everything fits.
Result<void> check_memory_budget(const MemoryNeeds& needs, const std::optional<MemoryLimit>& limit);

}  // namespace oct
