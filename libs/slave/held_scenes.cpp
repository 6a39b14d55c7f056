#include "slave/held_scenes.hpp"

#include <algorithm>
#include <map>

namespace oct {
namespace {

using BytesOfArrays = std::map<const void*, std::uint64_t>;

void add_arrays(const RenderData& data, BytesOfArrays& arrays) {
  RenderData::each(data, [&]<class T>(const char*, const HostArray<T>& array) {
    if (!array.empty()) arrays[array.data()] = array.size() * sizeof(T);
  });
}

/// Their trees are one: geometry_hash() is over the same arrays.
bool has_tree_of(const RenderData& a, const RenderData& b) {
  return a.positions.is_same(b.positions) && a.triangles.is_same(b.triangles) && a.meshes.is_same(b.meshes) &&
         a.instances.is_same(b.instances);
}

}  // namespace

std::uint64_t triangles_placed(const RenderData& data) {
  std::uint64_t count = 0;
  for (const Instance& instance : data.instances) count += data.meshes[instance.mesh].triangle_count;
  return count;
}

MemoryNeeds with_held_scenes(MemoryNeeds needs, const RenderData& own,
                             const std::vector<const RenderData*>& others,
                             const std::vector<const RenderData*>& unfinished) {
  BytesOfArrays own_arrays, held_arrays;
  add_arrays(own, own_arrays);
  for (const RenderData* other : unfinished) add_arrays(*other, held_arrays);
  std::vector<const RenderData*> trees{&own};
  for (const RenderData* other : others) {
    add_arrays(*other, held_arrays);
    if (std::ranges::any_of(trees, [&](const RenderData* one) { return has_tree_of(*one, *other); }))
      continue;
    trees.push_back(other);
    needs.held_tree_triangles += triangles_in_tree(other->triangles.size(), triangles_placed(*other));
  }
  for (const auto& [array, bytes] : held_arrays)
    needs.held_scene_bytes += own_arrays.contains(array) ? 0 : bytes;
  return needs;
}

}  // namespace oct
