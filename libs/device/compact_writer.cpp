#include "device/compact_writer.hpp"

#include "base/check.hpp"
#include "device/compact_plan.hpp"
#include "geometry/slab.hpp"
#include "geometry/triangle.hpp"

namespace oct {
namespace {

void set_box(CompactNode<2>& node, std::uint32_t slot, const Bounds3& box) {
  for (std::uint32_t axis = 0; axis < 3; ++axis) {
    node.planes[axis][0][slot] = component(box.lo, axis);
    node.planes[axis][1][slot] = component(box.hi, axis);
  }
}

void set_box(CompactNode<4>& node, std::uint32_t slot, const Bounds3& box) {
  node.lower_x[slot] = box.lo.x;
  node.lower_y[slot] = box.lo.y;
  node.lower_z[slot] = box.lo.z;
  node.upper_x[slot] = box.hi.x;
  node.upper_y[slot] = box.hi.y;
  node.upper_z[slot] = box.hi.z;
}

/// Nodes or triangles that one thread writes at a time.
constexpr std::size_t kGrain = 16384;

void in_ranges(ThreadPool* pool, std::size_t count,
               const std::function<void(std::size_t, std::size_t)>& body) {
  if (pool != nullptr && count > kGrain) {
    pool->for_ranges(count, kGrain, body);
  } else {
    body(0, count);
  }
}

class CompactWriter {
 public:
  CompactWriter(const BinaryTree& tree, std::span<const MeshGeometry> geometry, std::uint32_t width)
      : tree_(tree), geometry_(geometry), plan_(tree, width) {}

  template <u32 kWidth>
  void write_nodes(Quad* quads, ThreadPool* pool) const {
    auto* const nodes = reinterpret_cast<CompactNode<kWidth>*>(quads);
    in_ranges(pool, plan_.node_count(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) nodes[i] = make_node<kWidth>(plan_.binary_of(i));
    });
  }

  void write_triangles(CompactTriangle* triangles, ThreadPool* pool) const {
    in_ranges(pool, tree_.primitives.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) triangles[i] = make_triangle(tree_.primitives[i]);
    });
  }

  std::size_t node_count() const { return plan_.node_count(); }

 private:
  template <u32 kWidth>
  CompactNode<kWidth> make_node(std::uint32_t binary) const {
    const CompactChildren children = plan_.children_of(binary);
    CompactNode<kWidth> node{};
    for (std::uint32_t slot = 0; slot < kWidth; ++slot) {
      const bool used = slot < children.count;
      const Bounds3 box = used ? tree_.nodes[children.binary[slot]].bounds : empty_bounds();
      set_box(node, slot, box);
      node.child[slot] = used ? reference(children.binary[slot]) : kCompactDone;
    }
    return node;
  }

  std::uint32_t reference(std::uint32_t binary) const {
    const BinaryNode& node = tree_.nodes[binary];
    if (node.count == 0) return plan_.place_of(binary);
    const PrimitiveId& first = tree_.primitives[node.first];
    if (is_instance(first)) return kCompactInstance | first.instance;
    OCT_CHECK(node.count <= kCompactMostTriangles);
    return kCompactLeaf | (node.count - 1) << kCompactCountShift | node.first;
  }

  CompactTriangle make_triangle(const PrimitiveId& primitive) const {
    CompactTriangle triangle{};
    if (is_instance(primitive)) return triangle;
    const MeshGeometry& mesh = geometry_[primitive.instance];
    const Triangle& corners = mesh.triangles[primitive.primitive];
    for (std::uint32_t axis = 0; axis < 3; ++axis) {
      for (std::uint32_t k = 0; k < 3; ++k) {
        triangle.axis[axis].corner[k] = component(mesh.vertices[corners.v[k]], axis);
      }
    }
    triangle.axis[0].number = mesh.instance;
    triangle.axis[1].number = primitive.primitive;
    const Vec3 a = mesh.vertices[corners.v[0]];
    const Vec3 b = mesh.vertices[corners.v[1]];
    const Vec3 c = mesh.vertices[corners.v[2]];
    triangle.axis[2].number = bits_of(triangle_pad({min(min(a, b), c), max(max(a, b), c)}));
    return triangle;
  }

  const BinaryTree& tree_;
  std::span<const MeshGeometry> geometry_;
  CompactPlan plan_;
};

std::uint32_t relocated(std::uint32_t child, std::size_t first_node, std::size_t first_triangle) {
  if ((child & kCompactLeaf) == 0) return child + static_cast<std::uint32_t>(first_node);
  if ((child & kCompactInstance) == kCompactInstance) return child;  // or an unused slot
  return child + static_cast<std::uint32_t>(first_triangle);
}

template <u32 kWidth>
void place_nodes(const CompactTree& tree, std::size_t first_node, std::size_t first_triangle, Quad* to,
                 ThreadPool& pool) {
  const auto* const from = reinterpret_cast<const CompactNode<kWidth>*>(tree.nodes.data());
  auto* const nodes = reinterpret_cast<CompactNode<kWidth>*>(to);
  in_ranges(&pool, tree.node_count(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      nodes[i] = from[i];
      for (std::uint32_t& child : nodes[i].child) child = relocated(child, first_node, first_triangle);
    }
  });
}

}  // namespace

CompactTree write_compact(const BinaryTree& tree, std::span<const MeshGeometry> geometry, std::uint32_t width,
                          ThreadPool* pool) {
  OCT_CHECK(width == 2 || width == 4);
  const CompactWriter writer(tree, geometry, width);
  CompactTree result;
  result.width = width;
  result.nodes = LargeArray<Quad>(writer.node_count() * result.node_quads());
  result.triangles = LargeArray<CompactTriangle>(tree.primitives.size());
  if (width == 2) {
    writer.write_nodes<2>(result.nodes.data(), pool);
  } else {
    writer.write_nodes<4>(result.nodes.data(), pool);
  }
  writer.write_triangles(result.triangles.data(), pool);
  return result;
}

void place_compact(const CompactTree& tree, std::size_t first_node, std::size_t first_triangle, Quad* nodes,
                   CompactTriangle* triangles, ThreadPool& pool) {
  if (tree.width == 2) {
    place_nodes<2>(tree, first_node, first_triangle, nodes, pool);
  } else {
    place_nodes<4>(tree, first_node, first_triangle, nodes, pool);
  }
  in_ranges(&pool, tree.triangles.size(), [&](std::size_t begin, std::size_t end) {
    std::copy(tree.triangles.data() + begin, tree.triangles.data() + end, triangles + begin);
  });
}

}  // namespace oct
