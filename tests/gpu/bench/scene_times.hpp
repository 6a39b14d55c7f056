#pragma once
#include <memory>

#include "device/device.hpp"
#include "device/tree_store.hpp"
#include "gpu/bench/carried.hpp"
#include "gpu/bench/figures.hpp"
#include "gpu/bench/time_bound.hpp"

namespace oct::bench {

/// A GPU that is ready, and where its trees are kept.
struct OpenGpu {
  std::shared_ptr<TreeStore> trees;
  std::unique_ptr<Device> device;
};

/// Makes the first GPU ready as a program's first use of it, and writes down how long its context and its kernels take.
Result<OpenGpu> open_gpu(Figures& figures);

/// How long each stage of a start takes with this scene: tree, upload, first sample of each pixel.
Result<void> measure_start(Figures& figures, OpenGpu& gpu, const std::string& name,
                           const RenderDataPtr& data);

/// Renders the scene with 8, 64 and 2048 samples a pixel, as far as the time allows: samples a second; then again with
/// the time of each kernel, and what is copied. Compares the film of 8 samples with the CPU's. Returns 1 where
/// it differs, else 0.
Result<int> measure_renders(Figures& figures, const TimeBound& bound, OpenGpu& gpu, const std::string& name,
                            const RenderDataPtr& data);

/// The film's hash of all of a picture, rendered from slot 0; `seconds` = how long that took.
Result<std::string> render_picture(Device& device, const RenderData& data, double& seconds);

}  // namespace oct::bench
