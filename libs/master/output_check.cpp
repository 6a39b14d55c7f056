#include "master/output_check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <set>

#include "base/escaped.hpp"
#include "base/file.hpp"
#include "base/output_names.hpp"
#include "base/output_target.hpp"
#include "master/checkpoint.hpp"
#include "master/frame_names.hpp"
#include "master/preview.hpp"

namespace oct {
namespace {

void name_outputs_of(RenderJob& job) {
  const bool several = job.frames.numbers.size() > 1;
  if (job.outputs.empty()) {
    std::string stem = file_stem(job.scene.path);
    if (!job.frames.numbers.empty())
      std::replace(stem.begin(), stem.end(), '#', '_');  // it is no number's place
    job.outputs.push_back({stem + ".png", PictureFormat::png8, ExrType::half});
  }
  for (PictureOutput& output : job.outputs) {
    if (several) output.path = with_place_for_number(output.path, job.folder);
  }
  job.checkpoint.is_named = !job.checkpoint.path.empty();
  job.checkpoint.path = checkpoint_path(job.checkpoint, job.outputs, job.scene.path);
  if (several) job.checkpoint.path = with_place_for_number(job.checkpoint.path, job.folder);
}

/// " of job "a"", or nothing where there is only one.
std::string of_job(const MasterConfig& config, std::size_t job) {
  return config.jobs.size() < 2 ? std::string()
                                : fmt::format(" of job \"{}\"", escaped(config.jobs[job].name));
}

/// A checkpoint is written again and again, and read by the next render. One that nobody named may fail later: the film
/// then goes to the folder for temporary files.
Result<void> check_checkpoint(const std::string& path, bool is_named) {
  const char* help = "--checkpoint FILE names another one";
  const auto target = find_output_target(path);
  if (!target) return fail(target.error().kind, target.error().message, help);
  if (target->kind == OutputTarget::Kind::stream)
    return fail(ErrorKind::output,
                fmt::format("{}: a checkpoint is read again, and this is not a file", path), help);
  return is_named ? check_writable(path) : Result<void>();
}

/// Tries one file in each folder: thousands of frames may lie in one.
class WriteTrial {
 public:
  Result<void> picture(const std::string& path) {
    const auto target = find_output_target(path);
    const bool is_new = target && target->kind == OutputTarget::Kind::file && !target->exists;
    if (is_new && !folders_.insert(utf8_from_path(target->path.parent_path())).second) return {};
    return check_writable(path);
  }
  Result<void> checkpoint(const std::string& path, bool is_named) {
    const bool is_new = is_named && folders_.insert(folder_of(path)).second;
    return check_checkpoint(path, is_new);
  }

 private:
  std::set<std::string> folders_;
};

}  // namespace

Result<void> name_outputs(MasterConfig& config) {
  for (RenderJob& job : config.jobs) name_outputs_of(job);
  if (has_frames(config) && config.report.report.find('#') != std::string::npos)
    return fail(ErrorKind::invalid_input,
                fmt::format("--report {}: one report tells of all frames, so its name has no frame number",
                            escaped(config.report.report)),
                "a name without #; its frames[] lists each frame with its outputs");
  return {};
}

Result<void> check_names_differ(const MasterConfig& config, const std::vector<FrameTask>& tasks) {
  OutputNames names;
  OCT_TRY(names.add("the jobs file", config.batch_file));
  OCT_TRY(names.add("the report", config.report.report));
  OCT_TRY(names.add("the log", config.report.log_file));
  OCT_TRY(names.add("the preview", config.watch.preview));
  OCT_TRY(names.add("the address file", config.network.address_file));
  if (tasks.size() == 1) OCT_TRY(names.add("the checkpoint", tasks.front().checkpoint));
  for (const FrameTask& task : tasks) {
    for (const PictureOutput& output : task.outputs)
      OCT_TRY(names.add("an output" + of_job(config, task.job), output.path));
  }
  if (tasks.size() == 1) return {};
  for (const FrameTask& task : tasks)
    OCT_TRY(names.add("a checkpoint" + of_job(config, task.job), task.checkpoint));
  return {};
}

Result<void> check_all_outputs(const MasterConfig& config, const std::vector<FrameTask>& tasks) {
  WriteTrial trial;
  for (const FrameTask& task : tasks) {
    for (const PictureOutput& output : task.outputs) OCT_TRY(trial.picture(output.path));
  }
  if (!config.report.report.empty()) OCT_TRY(check_writable(config.report.report));
  if (!config.watch.preview.empty()) OCT_TRY(check_preview(config.watch.preview));
  for (const FrameTask& task : tasks)
    OCT_TRY(trial.checkpoint(task.checkpoint, config.jobs[task.job].checkpoint.is_named));
  return {};
}

}  // namespace oct
