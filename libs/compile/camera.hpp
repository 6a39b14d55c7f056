#pragma once
#include "compile/compile.hpp"

namespace oct {

/// The camera of the options for a film of their shape: the vertical field of view, or the height of a parallel
/// projection, stays; the film's shape decides the width.
Result<Camera> make_camera(const PosedScene& scene, const CompileOptions& options);

}  // namespace oct
