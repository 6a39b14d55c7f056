#include "master/frame_run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/end_by_signal.hpp"
#include "film/exposure.hpp"
#include "report/words.hpp"

namespace oct {

FrameRun::FrameRun(const Run& run, const FrameTask& task, std::size_t index, LoadedFrame&& loaded)
    : run_(run),
      task_(task),
      index_(index),
      settings_(loaded.scene.settings()),
      scene_name_(loaded.scene.summary.name),
      source_(film_source_of(loaded.scene, run.config.jobs[task.job].frames.frames_per_second)),
      samples_kept_(loaded.samples_kept),
      is_resumed_(loaded.film.has_value()) {
  tell_what_is_there(loaded);
  frame_.scene = loaded.scene.chunks;
  frame_.packed_sample = loaded.packed_sample;
  frame_.rules = std::move(loaded.rules);
  if (loaded.film) {
    ending_.outcome.samples_resumed = loaded.film->film.samples_merged();
    frame_.filled = std::move(loaded.film->units);
    frame_.history = std::move(loaded.film->history);
  }
  film_ = std::make_shared<FilmWorker>(loaded.film ? std::move(loaded.film->film) : Film(settings_));
  frame_.film = film_;
  ending_.outcome.frame = task.number;
  ending_.outcome.job = job().name;
  ending_.outcome.samples_per_pixel = settings_.samples_per_pixel;
}

void FrameRun::tell_what_is_there(const LoadedFrame& loaded) {
  if (loaded.film) {
    const std::uint64_t wanted =
        std::uint64_t{settings_.width} * settings_.height * settings_.samples_per_pixel;
    const std::uint64_t held = loaded.film->film.samples_merged();
    run_.report.tell(notice::FilmResumed{task_.checkpoint, held, wanted, samples_if_a_rule_ends_them(held)});
  } else if (loaded.samples_kept > 0) {
    run_.report.tell(notice::FilmNotResumed{task_.checkpoint});
  } else if (loaded.replaces_film) {
    run_.report.tell(notice::InputWarning{
        fmt::format("{} is of another render; the first checkpoint of this one replaces it",
                    task_.checkpoint),
        "--checkpoint FILE with another name keeps it"});
  }
}

void FrameRun::begin(Instant now) {
  begun_ = now;
  const auto interval = std::chrono::duration<double>(job().checkpoint.interval_seconds);
  checkpoint_ = std::make_unique<Checkpoint>(
      run_.loop, task_.checkpoint, std::chrono::duration_cast<Duration>(interval), source_,
      [&report = run_.report](const Error& error) { report.tell(notice::CheckpointFailed{error}); });
  checkpoint_->start(film_, samples_kept_, is_resumed_, now);
  id_ = run_.session.add(std::move(frame_));
  frame_ = {};  // the session has the scene, and lets it go when the frame has ended
}

void FrameRun::become_current(std::uint32_t frames_done, Instant now) {
  if (current_since_) return;
  current_since_ = now;
  frames_done_ = frames_done;
  watchers_ = std::make_unique<FilmWatchers>(
      run_.loop, run_.config.watch, job().tone_map,
      [&report = run_.report, &told = run_.told](const std::string& text, const std::string& help) {
        if (told.insert(text).second) report.tell(notice::InputWarning{text, help});
      });
  watchers_->start(*film_, settings_, scene_name_, now);
  run_.report.frame_started(status(), now);
}

void FrameRun::on_tick(Instant now) {
  const Ledger* ledger = run_.session.core().ledger(id_);
  if (ledger == nullptr) return;
  checkpoint_->on_tick(now, *ledger, [this] { return run_.session.core().film_units(id_); });
  if (watchers_) watchers_->on_tick(now, ledger->samples_merged());
}

RenderStatus FrameRun::status() const {
  if (last_status_) return *last_status_;
  RenderStatus status = run_.session.status(id_);
  status.pixels = std::uint64_t{settings_.width} * settings_.height;
  status.samples_per_pixel_wanted = settings_.samples_per_pixel;
  status.scene = scene_name_;
  status.job = job().name;
  status.frame = task_.number;
  status.frame_number = static_cast<std::uint32_t>(index_) + 1;
  status.frames_total = run_.frames_total;
  status.frames_done += frames_done_;  // the session counts this one when nothing of it is missing
  status.seconds = to_seconds(steady_now() - current_since_.value_or(begun_));
  status.time_limit = job().stop.time_limit_s;
  return status;
}

// Ending.

void FrameRun::on_frame_ended(const FrameEnded& ended, int signal, std::function<void(Ending)> on_done) {
  on_done_ = std::move(on_done);
  RenderStatus last = status();
  last.samples_merged = ended.samples_merged;
  last.samples_wanted = ended.samples_wanted;
  last.frames_done = frames_done_ + (ended.reason == EndReason::complete ? 1 : 0);
  last_status_ = last;
  FrameOutcome& outcome = ending_.outcome;
  outcome.seconds = last.seconds;
  outcome.samples_wanted = ended.samples_wanted;
  outcome.samples_merged = ended.samples_merged;
  if (current_since_) run_.report.end_progress(last);
  take_ending(ended, signal);
  if (ended.samples_merged == 0) return std::exchange(on_done_, nullptr)(ending_);
  if (watchers_) watchers_->finish(ended.samples_merged);
  end_film(ended);
}

void FrameRun::take_ending(const FrameEnded& ended, int signal) {
  FrameOutcome& outcome = ending_.outcome;
  switch (ended.reason) {
    case EndReason::complete:
      outcome.state = FrameState::done;
      take_samples(ended);
      return;
    case EndReason::stopped:
      outcome.state = FrameState::cancelled;
      if (signal != 0) ending_.code = exit_code_of_signal(signal);
      ending_.stop_reason = StopReason::cancelled;
      return;
    case EndReason::failed:
      outcome.state = FrameState::failed;
      outcome.error = ended.error;
      ending_.code = exit_code_of(ended.error->kind);
      run_.report.error(*ended.error, task_.number, ending_.code);
      return;
  }
}

/// How many samples the rules gave, of a complete picture.
void FrameRun::take_samples(const FrameEnded& ended) {
  FrameOutcome& outcome = ending_.outcome;
  outcome.samples_per_pixel = ended.most_samples;
  if (ended.least_samples < ended.most_samples) outcome.least_samples_per_pixel = ended.least_samples;
  outcome.pixels = std::uint64_t{settings_.width} * settings_.height;
  ending_.stop_reason = ended.closed_by_time ? StopReason::time_limit
                        : ended.samples_wanted < outcome.pixels * settings_.samples_per_pixel
                            ? StopReason::noise_threshold
                            : StopReason::samples;
  outcome.stop_reason = *ending_.stop_reason;
  if (!ended.closed_by_time || job().stop.noise_threshold) return;
  const auto frame = has_frames(run_.config) ? std::optional(task_.number) : std::nullopt;
  run_.report.tell(notice::StoppedByTime{ended.most_samples, frame});
}

/// On the film's thread, behind the last merge.
void FrameRun::end_film(const FrameEnded& ended) {
  FrameEnding ending;
  ending.source = source_;
  ending.tone_map = job().tone_map;
  ending.outputs = task_.outputs;
  ending.threads = run_.config.devices.threads;
  ending.units = {ended.filled, ended.history};
  ending.complete = ended.reason == EndReason::complete;
  if (ending.complete) ending.until = stop_rule_text(job().stop);
  ending.only_complete_pictures = has_frames(run_.config);
  ending.checkpoint = task_.checkpoint;
  // A film that was rescued elsewhere, and went on from there, has left an older one behind.
  if (job().checkpoint.resume) ending.older_checkpoint = checkpoint_path({}, task_.outputs, job().scene.path);
  ending.is_checkpoint_outdated = ended.tiles_cleared && checkpoint_->is_own();
  ending.is_urgent = [is_urgent = run_.is_urgent] { return is_urgent->load(); };
  film_->with_film([this, &loop = run_.loop, alive = std::weak_ptr<bool>(alive_),
                    ending = std::move(ending)](const Film& film) {
    auto result = std::make_shared<FilmResult>(end_frame_film(film, ending));
    loop.post([this, alive, result] {
      if (alive.lock()) on_written(std::move(*result));
    });
  });
}

void FrameRun::on_written(FilmResult result) {
  FrameOutcome& outcome = ending_.outcome;
  outcome.film_hash = result.film_hash.short_text();
  outcome.render_key = render_key(source_, settings_);
  outcome.non_finite_samples = result.non_finite_samples;
  outcome.outputs = result.pictures.written;
  if (result.non_finite_samples > 0) run_.report.tell(notice::NonFiniteSamples{result.non_finite_samples});
  tell_of_exposure(result.pictures);
  tell_of_film_file(result);
  std::exchange(on_done_, nullptr)(ending_);
}

void FrameRun::tell_of_exposure(const PictureResult& pictures) {
  if (job().tone_map.auto_exposure && !pictures.written.empty())
    run_.report.tell(notice::ExposureChosen{exposure_text(pictures.exposure)});
  if (ending_.outcome.state != FrameState::done) return;
  std::optional<std::string> better;
  if (pictures.better_exposure) better = exposure_text(*pictures.better_exposure);
  if (pictures.almost_white) run_.report.tell(notice::PictureAlmostWhite{*better});
  if (pictures.almost_black) run_.report.tell(notice::PictureAlmostBlack{std::move(better)});
}

/// The film is safe, or not: what to do next.
void FrameRun::tell_of_film_file(const FilmResult& result) {
  FrameOutcome& outcome = ending_.outcome;
  for (const Error& error : result.pictures.errors) {
    ending_.code = ExitCode::output;
    ending_.stop_reason = StopReason::failed;
    outcome.state = FrameState::failed;
    outcome.error = result.film_file.empty()
                        ? error
                        : film_kept_error({error, result.film_file, output_to_resolve(result)});
    if (result.film_error && result.film_file.empty())
      outcome.error->message += "; the film could not be kept either: " + result.film_error->message;
    run_.report.error(*outcome.error, task_.number, ExitCode::output);
  }
  if (result.film_error && result.pictures.errors.empty())
    run_.report.tell(notice::CheckpointFailed{*result.film_error});
  if (result.film_file.empty() || !result.pictures.errors.empty()) return;
  notice::CheckpointWritten kept{result.film_file, result.samples_kept, outcome.samples_wanted, true};
  kept.samples_per_pixel = samples_if_a_rule_ends_them(result.samples_kept);
  using Place = notice::CheckpointWritten::Place;
  if (result.film_file != task_.checkpoint)
    kept.place = has_frames(run_.config) ? Place::of_frame : Place::elsewhere;
  run_.report.tell(kept);
}

/// The picture that a film which was kept elsewhere is missing from; empty where --checkpoint can name that film.
std::string FrameRun::output_to_resolve(const FilmResult& result) const {
  const bool is_named_by_frame = has_frames(run_.config) && result.film_file != task_.checkpoint;
  return is_named_by_frame ? task_.outputs.front().path : std::string();
}

/// Of each pixel, on average; none where all that are asked for will be rendered.
std::optional<std::uint64_t> FrameRun::samples_if_a_rule_ends_them(std::uint64_t samples) const {
  if (stop_rule_text(job().stop).empty()) return std::nullopt;
  return samples / (std::uint64_t{settings_.width} * settings_.height);
}

}  // namespace oct
