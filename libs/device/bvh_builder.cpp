#include "device/bvh_builder.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.hpp"
#include "device/pool_loops.hpp"
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

/// Writes those that a ray can hit from `primitives` on; returns how many.
std::size_t make_primitives(const TrianglePiece& piece, const MeshGeometry& mesh, BvhPrimitive* primitives) {
  std::size_t count = 0;
  for (std::uint32_t triangle = piece.begin; triangle < piece.end; ++triangle)
    count += make_primitive(mesh, piece.source, triangle, primitives + count) ? 1 : 0;
  return count;
}

/// The primitives of all pieces, `geometry` being indexed by their source, and then those of the instances.
LargeArray<BvhPrimitive> all_primitives(const std::vector<TrianglePiece>& pieces,
                                        std::span<const MeshGeometry> geometry,
                                        std::span<const BvhInstance> instances, ThreadPool* pool) {
  std::vector<std::size_t> first(1, 0);
  for (const TrianglePiece& piece : pieces) first.push_back(first.back() + piece.end - piece.begin);
  const std::size_t most = first.back() + instances.size();
  LargeArray<BvhPrimitive> all(most +
                               most / 4);  // nodes of the tree will take its memory, and are a few more
  std::vector<std::size_t> counts(pieces.size());
  for_each(pool, pieces.size(), [&](std::size_t i) {
    counts[i] = make_primitives(pieces[i], geometry[pieces[i].source], all.data() + first[i]);
  });
  std::size_t size = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {  // closes the gaps that were left by what cannot be hit
    if (size != first[i]) std::copy_n(all.data() + first[i], counts[i], all.data() + size);
    size += counts[i];
  }
  for (std::uint32_t i = 0; i < instances.size(); ++i)
    all[size++] = {instances[i].box.lo, i, instances[i].box.hi, kNone};
  all.truncate(size);
  return all;
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
  std::unique_ptr<WideWriter> wide;  ///< knows how much room the tree takes
  CompactTree compact;
  Bounds3 bounds;
};

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
    OCT_TRY_ASSIGN(object_trees_[tree],
                   build_tree(all_primitives(pieces, {&geometry, 1}, {}, pool), {&geometry, 1}, pool));
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
    baked_ = bake(data_, pool_);
    ++progress_;
    std::vector<TrianglePiece> pieces;
    for (std::uint32_t i = 0; i < data_.instances.size(); ++i) {
      if (baked_.of_instance[i].vertices == nullptr) continue;
      add_pieces(i, data_.meshes[data_.instances[i].mesh].triangle_count, &pieces);
    }
    std::size_t total = 0;
    for (const TrianglePiece& piece : pieces) total += piece.end - piece.begin;
    if (total + instances_.size() > kRefIndexMask) {
      return fail(ErrorKind::exhausted,
                  "the scene has more baked triangles than " + std::to_string(kRefIndexMask));
    }
    OCT_TRY_ASSIGN(world_tree_, build_tree(all_primitives(pieces, baked_.of_instance, instances_, &pool_),
                                           baked_.of_instance, &pool_));
    return {};
  }

  Result<WrittenTree> build_tree(LargeArray<BvhPrimitive> primitives, std::span<const MeshGeometry> geometry,
                                 ThreadPool* pool) {
    WrittenTree written{{}, {}, empty_bounds()};
    written.compact.width = options_.compact_width;
    if (primitives.size() == 0) return written;
    OCT_TRY_ASSIGN(BinaryTree tree, options_.make_tree(std::move(primitives), pool, stop_, progress_));
    written.bounds = tree.nodes[0].bounds;
    if (options_.compact) {
      written.compact = write_compact(tree, geometry, options_.compact_width, pool);
    }
    ++progress_;
    if (options_.wide) written.wide = std::make_unique<WideWriter>(std::move(tree), pool);
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
      totals.wide_nodes += tree.wide == nullptr ? 0 : tree.wide->node_count();
      totals.blocks += tree.wide == nullptr ? 0 : tree.wide->block_count();
      totals.compact_nodes += tree.compact.node_count();
      totals.compact_triangles += tree.compact.triangles.size();
    };
    count(world_tree_);
    for (const WrittenTree& tree : object_trees_) count(tree);
    return totals;
  }

  /// Writes one tree behind what is there already.
  void place(WrittenTree& tree, std::span<const MeshGeometry> geometry, HostBvh& bvh, Totals* placed) {
    if (tree.wide != nullptr) {
      tree.wide->write(geometry, static_cast<std::uint32_t>(placed->wide_nodes),
                       static_cast<std::uint32_t>(placed->blocks), bvh.wide_nodes_.data(), bvh.blocks_.data(),
                       &pool_);
      placed->wide_nodes += tree.wide->node_count();
      placed->blocks += tree.wide->block_count();
    }
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
    const auto place_next = [&](WrittenTree& tree, std::span<const MeshGeometry> geometry) {
      wide_roots.push_back(tree.wide == nullptr ? kNone : static_cast<std::uint32_t>(placed.wide_nodes));
      compact_roots.push_back(
          tree.compact.node_count() == 0 ? kNone : static_cast<std::uint32_t>(placed.compact_nodes));
      place(tree, geometry, bvh, &placed);
    };
    place_next(world_tree_, baked_.of_instance);
    baked_ = {};
    for (std::size_t i = 0; i < object_trees_.size(); ++i) {
      const MeshGeometry geometry = mesh_geometry(data_, object_meshes_[i], 0);
      place_next(object_trees_[i], {&geometry, 1});
    }
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
  BakedGeometry baked_;  ///< until the trees over it are written
};

Result<HostBvh> HostBvh::build(const RenderData& data, ThreadPool& pool, std::stop_token stop,
                               ProgressCounter& progress, const BvhOptions& options) {
  return SceneTrees(data, pool, stop, progress, options).build();
}

SceneBvh HostBvh::view() const {
  return {wide_nodes_.data(), blocks_.data(), compact_nodes_.data(), compact_triangles_.data(),
          instances_.data(),  wide_root_,     compact_root_,         static_cast<u32>(instances_.size())};
}

HostBvh HostBvh::split_off_compact() {
  HostBvh other;
  other.compact_nodes_ = std::exchange(compact_nodes_, LargeArray<Quad>());
  other.compact_triangles_ = std::exchange(compact_triangles_, LargeArray<CompactTriangle>());
  other.compact_root_ = std::exchange(compact_root_, kNone);
  other.instances_ = LargeArray<BvhInstance>(instances_.size());
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    other.instances_[i] = instances_[i];
    other.instances_[i].wide_root = kNone;
    instances_[i].compact_root = kNone;
  }
  return other;
}

std::uint64_t HostBvh::byte_size() const {
  return wide_nodes_.size() * sizeof(WideNode) + blocks_.size() * sizeof(TriangleBlock) +
         compact_nodes_.size() * sizeof(Quad) + compact_triangles_.size() * sizeof(CompactTriangle) +
         instances_.size() * sizeof(BvhInstance);
}

}  // namespace oct
