#pragma once
#include "compile/texels.hpp"

namespace oct {

/// Mean emitted radiance over triangle `primitive` of `mesh`: the material's factor times the mean of its
/// texture over the texels whose centres lie in the triangle's footprint, or where it holds none, at four
/// points of it.
///   points_a_side  at most that many columns and rows of texels are looked at, evenly spread
Vec3 mean_emission(const RenderData& data, const Material& material, const Mesh& mesh, u32 primitive,
                   u32 points_a_side);

}  // namespace oct
