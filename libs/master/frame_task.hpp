#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "master/master_config.hpp"

namespace oct {

/// One picture of a run: a still, or a frame of a job. A value.
struct FrameTask {
  std::size_t job = 0;      ///< index into MasterConfig::jobs
  std::int32_t number = 1;  ///< of the frame; a still is frame 1
  double time_s = 0;        ///< of the animation
  std::vector<PictureOutput> outputs;
  std::string checkpoint;
};

/// The pictures of a job, in order, with their number in the names of their files. The job has its outputs and its
/// checkpoint's name (name_outputs).
std::vector<FrameTask> tasks_of(const RenderJob& job, std::size_t index);

/// Of all jobs, one after the other.
std::vector<FrameTask> tasks_of(const MasterConfig& config);

/// Whether several pictures are asked for, or one by its frame number: then a failed one does not end the run, and an
/// unfinished one leaves no picture.
bool has_frames(const MasterConfig& config);

}  // namespace oct
