#include "device/bvh_builder.hpp"

#include <algorithm>
#include <string>

#include "base/check.hpp"
#include "geometry/triangle.hpp"

namespace oct {
namespace {

constexpr std::size_t kTrianglesPerPiece = 16384;
/// Meshes up to this are built side by side, one thread each; bigger ones one after the other, all threads at
/// each.
constexpr std::uint32_t kSmallMesh = 65536;

MeshGeometry mesh_geometry(const RenderData& data, std::uint32_t mesh_index, std::uint32_t instance) {
  const Mesh& mesh = data.meshes[mesh_index];
  return {data.positions.data() + mesh.first_vertex, data.triangles.data() + mesh.first_triangle, instance};
}

/// The primitive of a triangle, or false if no ray can hit it.
bool make_primitive(const MeshGeometry& mesh, std::uint32_t instance, std::uint32_t triangle,
                    BvhPrimitive* primitive) {
  const Triangle& corners = mesh.triangles[triangle];
  const Vec3 a = mesh.vertices[corners.v[0]];
  const Vec3 b = mesh.vertices[corners.v[1]];
  const Vec3 c = mesh.vertices[corners.v[2]];
  if (!is_hittable(a, b, c)) return false;
  const Bounds3 box = triangle_box(a, b, c);
  *primitive = {box.lo, instance, box.hi, triangle};
  return true;
}

/// Pieces of a list that has gaps become one array.
LargeArray<BvhPrimitive> joined(const std::vector<std::vector<BvhPrimitive>>& pieces, ThreadPool* pool) {
  std::vector<std::size_t> first(pieces.size() + 1, 0);
  for (std::size_t i = 0; i < pieces.size(); ++i) first[i + 1] = first[i] + pieces[i].size();
  LargeArray<BvhPrimitive> all(first.back());
  const auto copy = [&](std::size_t i) {
    std::copy(pieces[i].begin(), pieces[i].end(), all.data() + first[i]);
  };
  if (pool != nullptr) {
    pool->for_each(pieces.size(), copy);
  } else {
    for (std::size_t i = 0; i < pieces.size(); ++i) copy(i);
  }
  return all;
}

/// Consecutive triangles of one mesh or instance.
struct TrianglePiece {
  std::uint32_t source, begin, end;
};

void add_pieces(std::uint32_t source, std::uint32_t triangle_count, std::vector<TrianglePiece>* pieces) {
  for (std::uint32_t begin = 0; begin < triangle_count; begin += kTrianglesPerPiece) {
    pieces->push_back(
        {source, begin, std::min(begin + static_cast<std::uint32_t>(kTrianglesPerPiece), triangle_count)});
  }
}

std::vector<BvhPrimitive> primitives_of(const TrianglePiece& piece, const MeshGeometry& mesh) {
  std::vector<BvhPrimitive> primitives;
  primitives.reserve(piece.end - piece.begin);
  for (std::uint32_t triangle = piece.begin; triangle < piece.end; ++triangle) {
    BvhPrimitive primitive;
    if (make_primitive(mesh, piece.source, triangle, &primitive)) primitives.push_back(primitive);
  }
  return primitives;
}

/// The corners of all baked instances, moved to the world by the contract's function.
struct BakedGeometry {
  LargeArray<Vec3> vertices;
  std::vector<MeshGeometry> of_instance;  ///< by instance; null pointers where it is not baked
};

BakedGeometry bake(const RenderData& data, ThreadPool& pool) {
  BakedGeometry baked;
  std::vector<TrianglePiece> pieces;
  std::vector<std::size_t> first(data.instances.size() + 1, 0);
  for (std::uint32_t i = 0; i < data.instances.size(); ++i) {
    const bool is_baked = (data.instances[i].flags & kInstanceBaked) != 0;
    const std::uint32_t count = is_baked ? data.meshes[data.instances[i].mesh].vertex_count : 0;
    first[i + 1] = first[i] + count;
    add_pieces(i, count, &pieces);
  }
  baked.vertices = LargeArray<Vec3>(first.back());
  pool.for_each(pieces.size(), [&](std::size_t p) {
    const Instance& instance = data.instances[pieces[p].source];
    const Vec3* from = data.positions.data() + data.meshes[instance.mesh].first_vertex;
    Vec3* to = baked.vertices.data() + first[pieces[p].source];
    for (std::uint32_t v = pieces[p].begin; v < pieces[p].end; ++v)
      to[v] = transform_point(instance.world_from_object, from[v]);
  });
  for (std::uint32_t i = 0; i < data.instances.size(); ++i) {
    const bool is_baked = (data.instances[i].flags & kInstanceBaked) != 0;
    MeshGeometry geometry = mesh_geometry(data, data.instances[i].mesh, i);
    geometry.vertices = is_baked ? baked.vertices.data() + first[i] : nullptr;
    baked.of_instance.push_back(geometry);
  }
  return baked;
}

/// One tree in the formats asked for.
struct WrittenTree {
  std::vector<WidePart> wide;
  CompactTree compact;
  Bounds3 bounds;
};

/// Copies the parts of a tree behind what is already in the arrays.
template <class Node, class Leaf>
void place_parts(const std::vector<TreePart<Node, Leaf>>& parts, std::size_t* node_count,
                 std::size_t* leaf_count, Node* nodes, Leaf* leaves, ThreadPool& pool) {
  struct Offset {
    std::size_t node, leaf;
  };
  std::vector<Offset> offsets;
  const std::size_t root = *node_count;
  for (const auto& part : parts) {
    offsets.push_back({*node_count, *leaf_count});
    *node_count += part.nodes.size() - (offsets.size() == 1 ? 0 : 1);
    *leaf_count += part.leaves.size();
  }
  pool.for_each(parts.size(), [&](std::size_t p) {
    const auto& part = parts[p];
    const std::size_t shift = p == 0 ? 0 : 1;  // node 0 of the others has its place in part 0
    for (std::size_t i = shift; i < part.nodes.size(); ++i) {
      Node node = part.nodes[i];
      relocate(node, static_cast<std::uint32_t>(offsets[p].node - shift),
               static_cast<std::uint32_t>(offsets[p].leaf));
      nodes[offsets[p].node + i - shift] = node;
    }
    std::copy(part.leaves.begin(), part.leaves.end(), leaves + offsets[p].leaf);
  });
  for (std::size_t p = 1; p < parts.size(); ++p) {
    Node node = parts[p].nodes[0];
    relocate(node, static_cast<std::uint32_t>(offsets[p].node - 1),
             static_cast<std::uint32_t>(offsets[p].leaf));
    nodes[root + parts[p].slot] = node;
  }
}

template <class Node, class Leaf>
void count_parts(const std::vector<TreePart<Node, Leaf>>& parts, std::size_t* nodes, std::size_t* leaves) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    *nodes += parts[i].nodes.size() - (i == 0 ? 0 : 1);
    *leaves += parts[i].leaves.size();
    OCT_CHECK(parts[i].depth <= kBvhMostDepth);
  }
}

}  // namespace

/// Builds all trees of a scene and joins them.
class SceneTrees {
 public:
  SceneTrees(const RenderData& data, ThreadPool& pool, std::stop_token stop, ProgressCounter& progress,
             const BvhOptions& options)
      : data_(data), pool_(pool), stop_(stop), progress_(progress), options_(options) {}

  Result<HostBvh> build() {
    if (data_.triangles.size() > kRefIndexMask || data_.instances.size() >= kRefIndexMask) {
      return fail(ErrorKind::exhausted,
                  "the scene has more triangles or instances than " + std::to_string(kRefIndexMask));
    }
    find_object_meshes();
    OCT_TRY(build_object_trees());
    make_instances();
    OCT_TRY(build_world_tree());
    return join();
  }

 private:
  Error cancelled() const {
    return {ErrorKind::cancelled, "building the acceleration structure was cancelled"};
  }

  /// Meshes that an instance keeps in object space.
  void find_object_meshes() {
    tree_of_mesh_.assign(data_.meshes.size(), kNone);
    for (const Instance& instance : data_.instances) {
      if ((instance.flags & kInstanceBaked) != 0 || tree_of_mesh_[instance.mesh] != kNone) continue;
      tree_of_mesh_[instance.mesh] = static_cast<std::uint32_t>(object_meshes_.size());
      object_meshes_.push_back(instance.mesh);
    }
    object_trees_.resize(object_meshes_.size());
  }

  Result<void> build_object_trees() {
    std::vector<std::uint32_t> small;
    for (std::uint32_t i = 0; i < object_meshes_.size(); ++i) {
      if (data_.meshes[object_meshes_[i]].triangle_count <= kSmallMesh) {
        small.push_back(i);
      } else {
        OCT_TRY(build_object_tree(i, &pool_));
      }
    }
    std::vector<Result<void>> results(small.size());
    pool_.for_each(small.size(), [&](std::size_t i) {
      if (stop_.stop_requested())
        results[i] = fail(cancelled());
      else
        results[i] = build_object_tree(small[i], nullptr);
    });
    for (Result<void>& result : results) OCT_TRY(std::move(result));
    return {};
  }

  Result<void> build_object_tree(std::uint32_t tree, ThreadPool* pool) {
    const MeshGeometry geometry = mesh_geometry(data_, object_meshes_[tree], 0);
    std::vector<TrianglePiece> pieces;
    add_pieces(0, data_.meshes[object_meshes_[tree]].triangle_count, &pieces);
    std::vector<std::vector<BvhPrimitive>> parts(pieces.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) parts[i] = primitives_of(pieces[i], geometry);
    OCT_TRY_ASSIGN(object_trees_[tree], build_tree(joined(parts, pool), {&geometry, 1}, pool));
    return {};
  }

  /// Instances whose box is within the limits and which have something to hit.
  void make_instances() {
    for (std::uint32_t i = 0; i < data_.instances.size(); ++i) {
      const Instance& instance = data_.instances[i];
      if ((instance.flags & kInstanceBaked) != 0) continue;
      const std::uint32_t tree = tree_of_mesh_[instance.mesh];
      const Bounds3& object = object_trees_[tree].bounds;
      if (!(object.lo.x <= object.hi.x)) continue;
      const Bounds3 box = instance_box(instance.world_from_object, object);
      if (!is_hittable(box)) continue;
      instances_.push_back({instance.object_from_world, box, tree, tree, i, {}});
    }
  }

  Result<void> build_world_tree() {
    const BakedGeometry baked = bake(data_, pool_);
    ++progress_;
    std::vector<TrianglePiece> pieces;
    for (std::uint32_t i = 0; i < data_.instances.size(); ++i) {
      if (baked.of_instance[i].vertices == nullptr) continue;
      add_pieces(i, data_.meshes[data_.instances[i].mesh].triangle_count, &pieces);
    }
    std::vector<std::vector<BvhPrimitive>> parts(pieces.size() + 1);
    std::size_t total = 0;
    for (const TrianglePiece& piece : pieces) total += piece.end - piece.begin;
    if (total + instances_.size() > kRefIndexMask) {
      return fail(ErrorKind::exhausted,
                  "the scene has more baked triangles than " + std::to_string(kRefIndexMask));
    }
    pool_.for_each(pieces.size(), [&](std::size_t i) {
      parts[i] = primitives_of(pieces[i], baked.of_instance[pieces[i].source]);
    });
    for (std::uint32_t i = 0; i < instances_.size(); ++i) {
      parts.back().push_back({instances_[i].box.lo, i, instances_[i].box.hi, kNone});
    }
    OCT_TRY_ASSIGN(world_tree_, build_tree(joined(parts, &pool_), baked.of_instance, &pool_));
    return {};
  }

  Result<WrittenTree> build_tree(LargeArray<BvhPrimitive> primitives, std::span<const MeshGeometry> geometry,
                                 ThreadPool* pool) {
    WrittenTree written{{}, {}, empty_bounds()};
    written.compact.width = options_.compact_width;
    if (primitives.size() == 0) return written;
    OCT_TRY_ASSIGN(const BinaryTree tree, options_.make_tree(std::move(primitives), pool, stop_, progress_));
    written.bounds = tree.nodes[0].bounds;
    if (options_.wide) written.wide = write_wide(tree, geometry, pool);
    ++progress_;
    if (options_.compact) {
      written.compact = write_compact(tree, geometry, options_.compact_width, pool);
    }
    ++progress_;
    if (stop_.stop_requested()) return fail(cancelled());
    return written;
  }

  /// What all trees hold together.
  struct Totals {
    std::size_t wide_nodes = 0, blocks = 0, compact_nodes = 0, compact_triangles = 0;
  };

  Totals count_all() const {
    Totals totals;
    const auto count = [&](const WrittenTree& tree) {
      count_parts(tree.wide, &totals.wide_nodes, &totals.blocks);
      totals.compact_nodes += tree.compact.node_count();
      totals.compact_triangles += tree.compact.triangles.size();
    };
    count(world_tree_);
    for (const WrittenTree& tree : object_trees_) count(tree);
    return totals;
  }

  /// Copies one tree behind what is there already.
  void place(const WrittenTree& tree, HostBvh& bvh, Totals* placed) {
    place_parts(tree.wide, &placed->wide_nodes, &placed->blocks, bvh.wide_nodes_.data(), bvh.blocks_.data(),
                pool_);
    place_compact(tree.compact, placed->compact_nodes, placed->compact_triangles,
                  bvh.compact_nodes_.data() + placed->compact_nodes * tree.compact.node_quads(),
                  bvh.compact_triangles_.data() + placed->compact_triangles, pool_);
    placed->compact_nodes += tree.compact.node_count();
    placed->compact_triangles += tree.compact.triangles.size();
    ++progress_;
  }

  Result<HostBvh> join() {
    const Totals totals = count_all();
    if (std::max({totals.wide_nodes, totals.blocks, totals.compact_nodes, totals.compact_triangles}) >
        kRefIndexMask) {
      return fail(ErrorKind::exhausted,
                  "the scene's acceleration structure has more nodes than " + std::to_string(kRefIndexMask));
    }
    HostBvh bvh;
    bvh.wide_nodes_ = LargeArray<WideNode>(totals.wide_nodes);
    bvh.blocks_ = LargeArray<TriangleBlock>(totals.blocks);
    bvh.compact_nodes_ = LargeArray<Quad>(totals.compact_nodes * world_tree_.compact.node_quads());
    bvh.compact_triangles_ = LargeArray<CompactTriangle>(totals.compact_triangles);
    Totals placed;
    std::vector<std::uint32_t> wide_roots, compact_roots;
    const auto place_next = [&](const WrittenTree& tree) {
      wide_roots.push_back(tree.wide.empty() ? kNone : static_cast<std::uint32_t>(placed.wide_nodes));
      compact_roots.push_back(
          tree.compact.node_count() == 0 ? kNone : static_cast<std::uint32_t>(placed.compact_nodes));
      place(tree, bvh, &placed);
    };
    place_next(world_tree_);
    for (const WrittenTree& tree : object_trees_) place_next(tree);
    bvh.wide_root_ = wide_roots[0];
    bvh.compact_root_ = compact_roots[0];
    bvh.instances_ = LargeArray<BvhInstance>(instances_.size());
    for (std::size_t i = 0; i < instances_.size(); ++i) {
      BvhInstance instance = instances_[i];
      instance.compact_root = compact_roots[1 + instance.compact_root];
      instance.wide_root = wide_roots[1 + instance.wide_root];
      bvh.instances_[i] = instance;
    }
    return bvh;
  }

  const RenderData& data_;
  ThreadPool& pool_;
  std::stop_token stop_;
  ProgressCounter& progress_;
  const BvhOptions& options_;

  std::vector<std::uint32_t> tree_of_mesh_;   ///< index into object_trees_, or kNone
  std::vector<std::uint32_t> object_meshes_;  ///< the mesh of each object tree
  std::vector<WrittenTree> object_trees_;
  std::vector<BvhInstance> instances_;  ///< roots are indices of trees until join()
  WrittenTree world_tree_;
};

Result<HostBvh> HostBvh::build(const RenderData& data, ThreadPool& pool, std::stop_token stop,
                               ProgressCounter& progress, const BvhOptions& options) {
  return SceneTrees(data, pool, stop, progress, options).build();
}

SceneBvh HostBvh::view() const {
  return {wide_nodes_.data(), blocks_.data(), compact_nodes_.data(), compact_triangles_.data(),
          instances_.data(),  wide_root_,     compact_root_,         static_cast<u32>(instances_.size())};
}

std::uint64_t HostBvh::byte_size() const {
  return wide_nodes_.size() * sizeof(WideNode) + blocks_.size() * sizeof(TriangleBlock) +
         compact_nodes_.size() * sizeof(Quad) + compact_triangles_.size() * sizeof(CompactTriangle) +
         instances_.size() * sizeof(BvhInstance);
}

}  // namespace oct
