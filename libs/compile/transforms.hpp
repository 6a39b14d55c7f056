#pragma once
#include <optional>

#include "data/types.hpp"
#include "render_data/limits.hpp"

// Linear algebra for instances and cameras, in double by + - * / and square roots, rounded to float once at
// the end.

namespace oct {

/// Correctly rounded.
double square_root(double x);

/// The inverse, or nothing where the map is singular to float precision (columns dependent to 1e-7, or
/// entries of the inverse above kLargestCoordinate).
std::optional<Transform> inverse(const Transform& transform);

bool is_finite(const Transform& transform);

/// Whether the linear part mirrors.
bool mirrors(const Transform& transform);

/// A normal brought along by `transform`, singular or not (by its cofactors); unit, or zero where nothing is
/// left.
Vec3 carry_normal(const Transform& transform, Vec3 normal);

/// The nearest map without scale, shear and mirroring that keeps origin and view direction (-Z), and +Y as
/// far as that allows. Nothing where Z or Y are degenerate.
std::optional<Transform> rigid_part(const Transform& transform);

/// v / |v|, or zero.
Vec3 unit_vector(Vec3 v);

}  // namespace oct
