#pragma once
#include <array>
#include <optional>

#include "math/bounds.hpp"
#include "scene/scene.hpp"

// Where things stand, from matrices in double precision: three rows of four.

namespace oct {

/// nullopt when a number of it does not fit 32-bit floats.
std::optional<Transform> placement_of(const std::array<double, 12>& rows);

/// Whether it leaves surfaces a surface: flat ones count, what is scaled to a line or a point does not.
bool spans_a_plane(const Transform& transform);

/// Position and directions alone, without scale, shear and mirroring: the third axis keeps its direction, the
/// second stays in its plane. An axis that is scaled to nothing is what the two others leave; nullopt when they do not.
std::optional<Transform> rigid_placement_of(const std::array<double, 12>& rows);

/// Camera placement: at `position`, -Z towards `target`, +Y near `up`. `up` must not be parallel to the view.
Transform looking_at(Vec3 position, Vec3 target, Vec3 up);

/// Around all positions; lo > hi for a mesh without any.
Bounds3 bounds_of(const SceneMesh& mesh);

/// Whether 32-bit floats can trace what lies within: all coordinates are finite and at most kMaxCoordinate.
bool is_traceable(const Bounds3& world);

/// Farthest coordinate from the origin that is accepted in a scene file, in metres. Not the
/// kLargestCoordinate of render data (1e18, where squares are still finite): what the program itself puts
/// around the objects, a camera that frames them or the rounded bounds of instances, lies farther out and
/// must not fail.
inline constexpr float kMaxCoordinate = 1e15f;

}  // namespace oct
