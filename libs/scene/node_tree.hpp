#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "scene/matrix4.hpp"

namespace oct {

/// A place in the tree that a scene hangs on. Its own part is `matrix`, or else translation * rotation *
/// scale, which alone can be animated.
struct SceneNode {
  std::string name;
  std::optional<std::size_t> parent;  ///< comes before its children
  std::optional<Matrix4> matrix;
  std::array<double, 3> translation{0, 0, 0};
  std::array<double, 4> rotation{0, 0, 0, 1};  ///< unit quaternion x, y, z, w
  std::array<double, 3> scale{1, 1, 1};
  bool visible = true;               ///< false hides meshes and lights of the node and of all below it
  std::vector<float> morph_weights;  ///< of its mesh's morph targets; those that are missing are 0
};

/// Brought into the range of floats. No NaN.
std::vector<float> to_floats(const std::vector<double>& values);

/// Where a node is in the end.
struct NodePose {
  Matrix4 world_from_node;
  bool visible = true;
};

/// Of each node, its ancestors included.
std::vector<NodePose> poses_of(const std::vector<SceneNode>& nodes);

}  // namespace oct
