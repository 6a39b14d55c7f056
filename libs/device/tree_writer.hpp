#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "device/bvh_collapse.hpp"
#include "device/mesh_geometry.hpp"

// What the writers of all tree formats share: the way through the collapse plan, in parts that threads write
// side by side.

namespace oct {

/// Nodes and leaves of a subtree, numbered from 0. Part 0 of a tree starts with its root; nodes[0] of the
/// others goes into the place `slot` of part 0.
template <class Node, class Leaf>
struct TreePart {
  std::vector<Node> nodes;
  std::vector<Leaf> leaves;
  std::uint32_t slot = 0;
  std::uint32_t depth = 0;  ///< nodes on the longest way down, from the tree's root
};

inline constexpr std::uint32_t kSerialPrimitives = 32768;

/// A wide node that is to be written: for a binary node, into a place of a part.
struct Pending {
  std::uint32_t binary;
  std::uint32_t place;
  std::uint32_t depth;
};

/// Writes nodes of one part; Format turns the children of a binary node into one node.
template <class Format>
class PartWriter {
 public:
  using Part = typename Format::Part;

  PartWriter(const Format& format, const CollapsePlan& plan) : format_(format), plan_(plan) {}

  /// Writes from `root` down. Subtrees of at most `leave_below` primitives are left to others: returned in
  /// `left`.
  void write(const Pending& root, std::uint32_t leave_below, Part* part, std::vector<Pending>* left) {
    part->nodes.resize(1);
    std::vector<Pending> waiting{{root.binary, 0, root.depth}};
    while (!waiting.empty()) {
      const Pending item = waiting.back();
      waiting.pop_back();
      if (plan_.count_of(item.binary) <= leave_below) {
        left->push_back(item);
        continue;
      }
      part->depth = std::max(part->depth, item.depth);
      std::uint32_t children[kMostChildren];
      const std::uint32_t count = plan_.children_of(item.binary, children);
      const std::size_t before = waiting.size();
      part->nodes[item.place] = format_.write_node(item.binary, children, count, item.depth, part, &waiting);
      std::reverse(waiting.begin() + static_cast<std::ptrdiff_t>(before), waiting.end());
    }
  }

 private:
  const Format& format_;
  const CollapsePlan& plan_;
};

template <class Format>
std::vector<typename Format::Part> write_tree(const Format& format, const CollapsePlan& plan,
                                              ThreadPool* pool) {
  using Part = typename Format::Part;
  const bool parallel = pool != nullptr && plan.count_of(0) > kSerialPrimitives;
  std::vector<Part> parts(1);
  std::vector<Pending> left;
  PartWriter<Format> writer(format, plan);
  writer.write({0, 0, 1}, parallel ? kSerialPrimitives : 0, &parts[0], &left);
  parts.resize(1 + left.size());
  if (left.empty()) return parts;
  pool->for_each(left.size(), [&](std::size_t i) {
    parts[i + 1].slot = left[i].place;
    PartWriter<Format>(format, plan).write(left[i], 0, &parts[i + 1], nullptr);
  });
  return parts;
}

/// What formats read.
struct Source {
  const BinaryTree& tree;
  const CollapsePlan& plan;
  std::span<const MeshGeometry> geometry;

  Vec3 corner(const PrimitiveId& primitive, std::uint32_t k) const {
    const MeshGeometry& mesh = geometry[primitive.instance];
    return mesh.vertices[mesh.triangles[primitive.primitive].v[k]];
  }
};

}  // namespace oct
