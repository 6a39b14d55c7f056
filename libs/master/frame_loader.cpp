#include "master/frame_loader.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "base/escaped.hpp"
#include "base/file.hpp"
#include "master/checkpoint.hpp"
#include "master/done_picture.hpp"
#include "master/memory_needs.hpp"

namespace oct {
namespace {

ExitCode code_of_resuming(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::incompatible: return ExitCode::checkpoint;
    case ErrorKind::invalid_input: return ExitCode::input;
    default: return exit_code_of(kind);
  }
}

bool holds_something(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path_from_utf8(path), error);
  return !error && size > 0;
}

/// Of a frame whose pictures are there: its film, if a program was killed before it could remove that.
void remove_used_up(const std::string& checkpoint, const FilmSource& source, const RenderSettings& settings) {
  const auto kept = samples_kept(checkpoint, source, settings);
  const std::uint64_t wanted = std::uint64_t{settings.width} * settings.height * settings.samples_per_pixel;
  if (!kept || *kept == 0 || *kept > wanted) return;
  std::error_code ignored;
  std::filesystem::remove(path_from_utf8(checkpoint), ignored);
}

FrameOutcome outcome_of_skipped(const FrameTask& task) {
  FrameOutcome outcome;
  outcome.frame = task.number;
  outcome.state = FrameState::skipped;
  for (const PictureOutput& output : task.outputs) outcome.outputs.push_back(output.path);
  return outcome;
}

}  // namespace

FrameOffer FrameLoader::load(const FrameTask& task) {
  const RenderJob& job = config_.jobs[task.job];
  if (job.frames.skip_existing && all_are_there(task.outputs, task.checkpoint))
    return SkippedFrame{outcome_of_skipped(task)};
  ThreadPool pool(config_.devices.threads);
  ExitCode code = ExitCode::input;
  if (job_ != task.job) {
    source_.reset();  // what the last job's scene takes is needed now
    job_ = task.job;
    if (auto opened = open_scene(task, pool, code); !opened) unopened_ = {opened.error(), code, true};
  }
  if (!source_) return unopened_;
  auto frame = make_ready(task, pool, code);
  if (!frame) return UnloadableFrame{std::move(frame.error()), code, false};
  if (job.checkpoint.resume) {
    if (auto skip = skipped(task, frame->scene)) return *std::move(skip);
  }
  if (auto found = find_film(task, pool, *frame, code); !found)
    return UnloadableFrame{std::move(found.error()), code, false};
  if (job.frames.numbers.empty() || task.number == job.frames.numbers.back()) {
    source_.reset();  // the files of the job are of no use any more
    job_.reset();
  }
  return *std::move(frame);
}

Result<void> FrameLoader::open_scene(const FrameTask& task, ThreadPool& pool, ExitCode& code) {
  const SceneChoice& choice = config_.jobs[task.job].scene;
  stamp_ = stamp_of(choice.path);
  auto source = SceneSource::open(choice, pool, code);
  if (!source && source.error().kind == ErrorKind::exhausted) code = ExitCode::device;
  OCT_TRY_ASSIGN(source_, std::move(source));
  return {};
}

/// The scene at the frame's moment, and whether memory holds what rendering it takes.
Result<LoadedFrame> FrameLoader::make_ready(const FrameTask& task, ThreadPool& pool, ExitCode& code) {
  const RenderJob& job = config_.jobs[task.job];
  LoadedFrame frame;
  auto scene = source_->at({task.number, task.time_s}, pool, code);
  if (!scene && scene.error().kind == ErrorKind::exhausted) code = ExitCode::device;
  OCT_TRY_ASSIGN(frame.scene, std::move(scene));
  if (job.frames.numbers.size() > 1 && !source_->moves())
    frame.scene.warnings.push_back(fmt::format(
        "{}: nothing in it is animated; its frames differ in their noise alone", frame.scene.summary.name));
  if (auto changed = file_changed()) frame.scene.warnings.push_back(*std::move(changed));
  if (config_.network.enable) frame.packed_sample = packed_sample_of(*frame.scene.chunks, pool);
  code = ExitCode::device;
  const MemoryNeeds needs = memory_needs(config_, job, plan_, frame.scene);
  OCT_TRY(check_memory_budget(needs, memory_limit()));
  frame.others_fit_beside = check_memory_budget(with_frames_beside(needs), memory_limit()).has_value();
  return frame;
}

/// One whose pictures show just this.
std::optional<SkippedFrame> FrameLoader::skipped(const FrameTask& task, const LoadedScene& scene) const {
  const RenderJob& job = config_.jobs[task.job];
  const RenderSettings& settings = scene.settings();
  const FilmSource source = film_source_of(scene);
  const Digest key = render_key(source, settings);
  auto done =
      find_done(task.outputs, {key, settings.samples_per_pixel, job.tone_map, stop_rule_text(job.stop)});
  if (!done) return std::nullopt;
  const bool has_rule =
      job.stop.noise_threshold || job.stop.time_limit_s;  // its film may hold more than the picture
  if (!has_rule) remove_used_up(task.checkpoint, source, settings);
  SkippedFrame frame{outcome_of_skipped(task)};
  FrameOutcome& outcome = frame.outcome;
  outcome.render_key = key;
  outcome.film_hash = std::move(done->film_hash);
  outcome.samples_per_pixel = done->samples_per_pixel;
  outcome.samples_wanted = std::uint64_t{settings.width} * settings.height * done->samples_per_pixel;
  outcome.samples_merged = outcome.samples_resumed = outcome.samples_wanted;
  if (has_rule && done->samples_per_pixel < settings.samples_per_pixel)
    outcome.stop_reason = job.stop.noise_threshold ? StopReason::noise_threshold : StopReason::time_limit;
  return frame;
}

/// What an interrupted run has left of this frame.
Result<void> FrameLoader::find_film(const FrameTask& task, ThreadPool& pool, LoadedFrame& frame,
                                    ExitCode& code) {
  if (config_.jobs[task.job].checkpoint.resume) {
    auto film = resume_film(task.checkpoint, frame.scene, pool);
    if (!film) {
      code = code_of_resuming(film.error().kind);
      return fail(std::move(film.error()));
    }
    frame.film = *std::move(film);
  }
  frame.rules = stop_rules(config_.jobs[task.job].stop, frame.scene.settings(),
                           frame.film ? &frame.film->film : nullptr);
  code = ExitCode::output;
  OCT_TRY_ASSIGN(frame.samples_kept,
                 samples_kept(task.checkpoint, film_source_of(frame.scene), frame.scene.settings()));
  frame.replaces_film = frame.samples_kept == 0 && holds_something(task.checkpoint);
  return {};
}

/// Told once for each time that the file was written again.
std::optional<std::string> FrameLoader::file_changed() {
  const std::string& path = config_.jobs[*job_].scene.path;
  const auto now = stamp_of(path);
  if (std::exchange(stamp_, now) == now) return std::nullopt;
  return fmt::format(
      "{}: has changed since it was read; all frames of this run show it as it was then, and another run "
      "with "
      "--resume renders what differs",
      escaped(file_name(path)));
}

std::optional<FrameLoader::FileStamp> FrameLoader::stamp_of(const std::string& path) {
  const std::filesystem::path file = path_from_utf8(path);
  std::error_code size_error, time_error;
  const FileStamp stamp{std::filesystem::file_size(file, size_error),
                        std::filesystem::last_write_time(file, time_error)};
  return size_error || time_error ? std::nullopt : std::optional(stamp);
}

}  // namespace oct
