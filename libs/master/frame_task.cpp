#include "master/frame_task.hpp"

#include <algorithm>
#include <iterator>

#include "master/frame_names.hpp"

namespace oct {
namespace {

FrameTask task_of(const RenderJob& job, std::size_t index, std::int32_t number) {
  FrameTask task;
  task.job = index;
  task.number = number;
  task.time_s = number / job.frames.frames_per_second;
  task.outputs = job.outputs;
  for (PictureOutput& output : task.outputs) output.path = numbered(output.path, number, job.folder);
  task.checkpoint = numbered(job.checkpoint.path, number, job.folder);
  return task;
}

}  // namespace

std::vector<FrameTask> tasks_of(const RenderJob& job, std::size_t index) {
  if (job.frames.numbers.empty())
    return {FrameTask{index, 1, job.scene.time_s, job.outputs, job.checkpoint.path}};
  std::vector<FrameTask> tasks;
  tasks.reserve(job.frames.numbers.size());
  for (const std::int32_t number : job.frames.numbers) tasks.push_back(task_of(job, index, number));
  return tasks;
}

std::vector<FrameTask> tasks_of(const MasterConfig& config) {
  std::vector<FrameTask> all;
  for (std::size_t index = 0; index < config.jobs.size(); ++index) {
    std::vector<FrameTask> tasks = tasks_of(config.jobs[index], index);
    std::move(tasks.begin(), tasks.end(), std::back_inserter(all));
  }
  return all;
}

bool has_frames(const MasterConfig& config) {
  return config.jobs.size() > 1 || std::any_of(config.jobs.begin(), config.jobs.end(),
                                               [](const auto& job) { return !job.frames.numbers.empty(); });
}

}  // namespace oct
