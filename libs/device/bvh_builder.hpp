#pragma once
#include <functional>

#include "device/bvh_tree.hpp"
#include "device/compact_writer.hpp"
#include "device/device.hpp"
#include "device/wide_writer.hpp"
#include "geometry/bvh.hpp"
#include "render_data/render_data.hpp"

namespace oct {

/// Makes a binary tree of primitives, size > 0. All trees give the same hits; tests pass strange ones.
using TreeMaker = std::function<Result<BinaryTree>(LargeArray<BvhPrimitive>, ThreadPool*, std::stop_token,
                                                   ProgressCounter&)>;

struct BvhOptions {
  bool wide = true;                             ///< for CPUs
  bool compact = false;                         ///< for GPUs
  std::uint32_t compact_width = kCompactWidth;  ///< 2 or 4; GPUs walk kCompactWidth alone
  TreeMaker make_tree = build_binary_tree;
};

/// The acceleration structures of a scene in host memory: one tree over baked triangles and instances, one
/// for each mesh that an instance refers to. Holds copies of all corners, nothing of the render data.
class HostBvh {
 public:
  /// Builds with all threads of `pool`. `cancelled` after a stop request, `exhausted` for more triangles than
  /// references can number; throws std::bad_alloc. `data` must be valid (libs/render_data).
  static Result<HostBvh> build(const RenderData& data, ThreadPool& pool, std::stop_token stop,
                               ProgressCounter& progress, const BvhOptions& options = {});

  /// What kernels read; lives as long as this.
  SceneBvh view() const;

  std::size_t wide_node_count() const { return wide_nodes_.size(); }
  std::size_t block_count() const { return blocks_.size(); }
  std::size_t compact_node_quads() const { return compact_nodes_.size(); }
  std::size_t compact_triangle_count() const { return compact_triangles_.size(); }
  std::size_t instance_count() const { return instances_.size(); }
  std::uint64_t byte_size() const;

  /// Of one with both formats: takes the compact one away, as a structure of its own.
  HostBvh split_off_compact();

 private:
  friend class SceneTrees;

  LargeArray<WideNode> wide_nodes_;
  LargeArray<TriangleBlock> blocks_;
  LargeArray<Quad> compact_nodes_;
  LargeArray<CompactTriangle> compact_triangles_;
  LargeArray<BvhInstance> instances_;
  std::uint32_t wide_root_ = kNone;
  std::uint32_t compact_root_ = kNone;
};

}  // namespace oct
