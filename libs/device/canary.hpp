#pragma once
#include <span>
#include <vector>

#include "base/hash.hpp"
#include "film/contribution.hpp"
#include "film/lease.hpp"
#include "launch/cpu_batches.hpp"
#include "render_data/render_data.hpp"

// What every device computes before any scene, in a few milliseconds: fixed arithmetic, and 64 paths through a small
// scene that is made here. A flushed denormal, a contracted product or a wrong driver changes the digest.

namespace oct {

/// The digest of a device that keeps the contract. Changes with every change of what kernels compute.
const Digest& expected_canary();

/// kCanaryInputs bit patterns of floats: special values, denormals, and others of every size.
std::vector<u32> canary_inputs();

/// 8 x 8 pixels of a textured floor, a light and a glass body.
RenderDataPtr canary_scene();
/// All of it: one unit.
Lease canary_lease();

/// The digest of a device's results.
///   maths  what CanaryMaths (kernels/launch/canary.hpp) computed
///   film   of canary_lease()
Digest canary_digest(std::span<const u32> maths, const FilmContribution& film);

/// The digest of a CPU's kernels, computed on the calling thread in the float mode that it has.
Digest cpu_canary(const CpuKernels& kernels);

}  // namespace oct
