#pragma once
#include "scene/pose.hpp"
#include "support/gltf_animations.hpp"
#include "unit/scene/imported.hpp"

namespace oct::test {

/// A made file and its moments.
class Moments {
 public:
  explicit Moments(const GltfMaker& maker) : imported_(import_made(maker)) {}

  PosedScene at(double time_s, std::optional<std::size_t> animation = 0) const {
    return pose(imported_.scene, {time_s, animation});
  }
  const Scene& scene() const { return imported_.scene; }
  const std::vector<std::string>& warnings() const { return imported_.warnings; }

 private:
  ImportedScene imported_;
};

inline bool is_about(Vec3 v, float x, float y, float z) {
  const auto about = [](float wanted) { return Approx(wanted).margin(1e-6); };
  return v.x == about(x) && v.y == about(y) && v.z == about(z);
}

inline Vec3 position_of(const Transform& transform) {
  return {transform.m[3], transform.m[7], transform.m[11]};
}

}  // namespace oct::test
