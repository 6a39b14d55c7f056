#pragma once
#include <vector>

#include "film/film.hpp"
#include "launch/queue_work.hpp"
#include "render_data/render_data.hpp"
#include "simt/gpu_code.hpp"

namespace oct::simt {

/// Renders unit ranges by the GPU's code, as one group, with queues of `capacity` paths.
///   bvh  with the tree that GPUs walk
/// return  one contribution for each range; Fault when the code does what no GPU would allow
std::vector<FilmContribution> render_by_gpu_code(GpuCode& code, const RenderData& data, const SceneBvh& bvh,
                                                 const std::vector<UnitRange>& ranges, u32 capacity);

/// The same ranges by the CPU's kernels for every computer.
std::vector<FilmContribution> render_by_cpu(const RenderData& data, const SceneBvh& bvh,
                                            const std::vector<UnitRange>& ranges);

}  // namespace oct::simt
