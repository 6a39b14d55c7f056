#include "scene/node_tree.hpp"

#include <algorithm>
#include <limits>

#include "base/check.hpp"

namespace oct {

std::vector<float> to_floats(const std::vector<double>& values) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  std::vector<float> floats(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    floats[i] = static_cast<float>(std::clamp(values[i], -kLargest, kLargest));
  return floats;
}

std::vector<NodePose> poses_of(const std::vector<SceneNode>& nodes) {
  std::vector<NodePose> poses(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const SceneNode& node = nodes[i];
    NodePose& pose = poses[i];
    const Matrix4 local =
        node.matrix ? *node.matrix : matrix_of_trs(node.translation, node.rotation, node.scale);
    if (node.parent) OCT_CHECK(*node.parent < i);
    pose.world_from_node = (node.parent ? poses[*node.parent].world_from_node : Matrix4{}) * local;
    pose.visible = node.visible && (!node.parent || poses[*node.parent].visible);
  }
  return poses;
}

}  // namespace oct
