#include "master/master_app.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <utility>

#include "base/end_by_signal.hpp"
#include "base/file.hpp"
#include "base/free_memory.hpp"
#include "film/exposure.hpp"
#include "master/memory_needs.hpp"
#include "master/output_check.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

constexpr Duration kProgressTick = milliseconds(100);
constexpr Duration kLinger = seconds(3);  // for goodbyes to arrive

std::uint64_t samples_wanted(const RenderSettings& settings) {
  return std::uint64_t{settings.width} * settings.height * settings.samples_per_pixel;
}

}  // namespace

MasterApp::MasterApp(MasterConfig config) : config_(std::move(config)) {}

MasterApp::~MasterApp() = default;

ExitCode MasterApp::run() {
  outcome_.command = config_.command;
  outcome_.frames.resize(1);
  frame().samples_per_pixel = config_.scene.samples_per_pixel.value_or(kDefaultSamples);
  if (auto opened = open_report(); !opened) {
    Console({}).error(opened.error().message, opened.error().help);
    return exit_code_of(opened.error().kind);
  }
  report_->started(config_.command);
  if (auto checked = check_command(); !checked) {
    fail(checked.error(), exit_code_of(checked.error().kind));
    return outcome_.exit_code;
  }
  start_loading();
  loop_.run();
  if (session_ && !session_->finish_devices()) end_with_hung_device();
  return outcome_.exit_code;
}

/// A thread is in a driver that does not come back. All is written and told by now.
void MasterApp::end_with_hung_device() {
  report_.reset();
  std::_Exit(static_cast<int>(outcome_.exit_code));
}

// Before the loop.

/// Not before it is known that log and report take nobody's place.
Result<void> MasterApp::open_report() {
  OCT_TRY(name_outputs(config_));
  OCT_TRY_ASSIGN(report_, RenderReport::make(config_.report));
  return {};
}

Result<void> MasterApp::check_command() {
  OCT_TRY(check_all_outputs(config_));
  if (config_.no_local && !config_.network.enable) {
    return oct::fail(ErrorKind::invalid_input, "--no-local leaves nothing to render with",
                     "add --net-enable, and start slaves");
  }
  if (const auto needs = film_memory_needs(config_.scene))
    OCT_TRY(check_memory_budget(*needs, memory_limit()));
  return open_session();
}

Result<void> MasterApp::open_session() {
  if (!config_.no_local) {
    OCT_TRY_ASSIGN(session_config_.plan, plan_devices(config_.devices, list_cuda_devices()));
  }
  session_config_.devices = config_.devices;
  session_config_.no_local = config_.no_local;
  session_config_.network = config_.network;
  session_config_.audit = config_.audit;
  workers_ = std::make_unique<WorkQueue>(2);
  Session::Events events;
  events.on_frame_ended = [this](const FrameEnded& ended) { on_frame_ended(ended); };
  events.on_ended = [this] {
    session_ended_ = true;
    finish();
  };
  // From here on there is something to take back: the address file.
  loop_.on_signal([this](int signal) { on_signal(signal); });
  OCT_TRY_ASSIGN(session_, Session::open(loop_, *workers_, session_config_, *report_, std::move(events)));
  return {};
}

// Loading.

void MasterApp::start_loading() {
  load_started_ = steady_now();
  tick_ = loop_.every(kProgressTick, [this] { on_tick(); });
  loader_ = std::make_unique<WorkQueue>();
  loader_->post([this] {
    ExitCode code = ExitCode::input;
    auto loaded = std::make_shared<Result<LoadedFrame>>(load_frame(config_, session_config_.plan, code));
    return_free_memory();  // the scene is compiled, and its files are of no use any more
    loop_.post([this, loaded, code] { on_loaded(std::move(*loaded), code); });
  });
}

void MasterApp::on_loaded(Result<LoadedFrame> loaded, ExitCode failure_code) {
  report_->end_activity();
  if (!loaded) return fail(loaded.error(), failure_code);
  scene_ = std::move(loaded->scene);
  const Instant now = steady_now();
  scene_->summary.seconds = to_seconds(now - load_started_);
  outcome_.start.loaded = to_seconds(now - program_started_);
  frame().samples_per_pixel = scene_->settings().samples_per_pixel;
  source_ = film_source_of(*scene_);
  describe_scene();
  if (auto started = start_frame(*std::move(loaded)); !started)
    fail(started.error(), exit_code_of(started.error().kind));
}

void MasterApp::describe_scene() {
  for (const std::string& warning : scene_->warnings) report_->tell(notice::InputWarning{warning});
  if (scene_->neutral_light_added) report_->tell(notice::NeutralLightAdded{});
  for (const std::string& note : scene_->notes) report_->tell(notice::InputNote{note});
  report_->scene(scene_->summary);
  report_->devices(session_config_.plan);
  const RenderSettings& settings = scene_->settings();
  report_->film({settings.width, settings.height, settings.samples_per_pixel, scene_->camera_name});
  if (session_->network() != nullptr) session_->network()->describe(false);
}

Result<void> MasterApp::start_frame(LoadedFrame&& loaded) {
  phase_ = Phase::rendering;
  awake_ = std::make_unique<StayAwake>(loop_, report_->log(), "octane_master renders");
  awake_->set(true);
  render_started_ = outcome_.started = steady_now();
  const RenderSettings& settings = scene_->settings();
  SessionFrame frame;
  frame.scene = scene_->chunks;
  frame.packed_sample = loaded.packed_sample;
  if (loaded.film) {
    report_->tell(notice::FilmResumed{config_.checkpoint.path, loaded.film->film.samples_merged(),
                                      samples_wanted(settings)});
    this->frame().samples_resumed = loaded.film->film.samples_merged();
    frame.filled = std::move(loaded.film->units);
    frame.history = std::move(loaded.film->history);
  } else if (loaded.samples_kept > 0) {
    report_->tell(notice::FilmNotResumed{config_.checkpoint.path});
  } else if (loaded.replaces_film) {
    report_->tell(notice::InputWarning{
        fmt::format("{} is of another render; the first checkpoint of this one replaces it",
                    config_.checkpoint.path),
        "--checkpoint FILE with another name keeps it"});
  }
  film_ = std::make_shared<FilmWorker>(loaded.film ? std::move(loaded.film->film) : Film(settings));
  frame.film = film_;
  start_watchers(loaded.samples_kept, loaded.film.has_value());
  frame_id_ = session_->add(std::move(frame));
  report_->frame_started(status(), render_started_);
  session_->begin();
  session_->no_more_frames();
  return {};
}

/// Whoever looks at the film while it grows.
void MasterApp::start_watchers(std::uint64_t samples_kept, bool is_resumed) {
  const auto interval = std::chrono::duration<double>(config_.checkpoint.interval_seconds);
  checkpoint_ = std::make_unique<Checkpoint>(
      loop_, config_.checkpoint.path, std::chrono::duration_cast<Duration>(interval), source_,
      [this](const Error& error) { report_->tell(notice::CheckpointFailed{error}); });
  checkpoint_->start(film_, samples_kept, is_resumed, render_started_);
  watchers_ = std::make_unique<FilmWatchers>(loop_, config_.watch, config_.tone_map,
                                             [this](const std::string& text, const std::string& help) {
                                               report_->tell(notice::InputWarning{text, help});
                                             });
  watchers_->start(*film_, scene_->settings(), scene_->summary.name, render_started_);
}

// Rendering.

void MasterApp::on_tick() {
  const Instant now = steady_now();
  if (const auto activity = activity_beside_rendering()) report_->activity(*activity, now);
  if (phase_ != Phase::rendering) return;
  session_->tell_progress(now);
  report_->progress(status(), now);
  const Ledger* ledger = session_->core().ledger(frame_id_);
  if (ledger == nullptr) return;
  checkpoint_->on_tick(now, *ledger, [this] { return session_->core().film_units(frame_id_); });
  watchers_->on_tick(now, ledger->samples_merged());
}

/// What its workers do before and after the session renders.
std::optional<Activity> MasterApp::activity_beside_rendering() const {
  const auto name = [](const std::string& path) { return utf8_from_path(path_from_utf8(path).filename()); };
  if (phase_ == Phase::loading) return Activity{Activity::Kind::loading, name(config_.scene.path)};
  if (phase_ != Phase::writing || written_) return std::nullopt;
  return Activity{Activity::Kind::writing,
                  config_.outputs.size() == 1 ? config_.outputs.front().path : std::string()};
}

RenderStatus MasterApp::status() const {
  if (phase_ != Phase::rendering) return last_status_;
  RenderStatus status = session_->status(frame_id_);
  const RenderSettings& settings = scene_->settings();  // the session forgets a frame that has ended
  status.pixels = std::uint64_t{settings.width} * settings.height;
  status.samples_per_pixel_wanted = settings.samples_per_pixel;
  status.scene = scene_->summary.name;
  status.seconds = to_seconds(steady_now() - render_started_);
  return status;
}

void MasterApp::on_signal(int signal) {
  // Who ends a session may send SIGTERM and SIGHUP together: only a second CTRL-C means "at once".
  const bool stopping = signal_ != 0;
  const bool again = stopping && signal == SIGINT;
  if (!stopping || again) signal_ = signal;
  if (again || phase_ == Phase::loading) {
    outcome_.exit_code = exit_code_of_signal(signal);
    outcome_.stop_reason = StopReason::cancelled;
    frame().state = FrameState::cancelled;
    if (!again) write_report();
    end_at_once(signal);
  }
  if (stopping) return;
  if (phase_ == Phase::writing && !written_) {
    *is_urgent_ = true;
    report_->tell(notice::WritingPictures{});
  }
  if (phase_ != Phase::rendering) return;
  report_->tell(notice::Stopping{session_->core().leases_under_way()});
  session_->stop();
}

void MasterApp::end_at_once(int signal) {
  if (session_ && session_->network() != nullptr) session_->network()->withdraw_address();
  report_->finished(outcome_);
  end_by_signal(signal);
}

// Ending.

void MasterApp::on_frame_ended(const FrameEnded& ended) {
  last_status_ = status();
  last_status_.samples_merged = ended.samples_merged;
  last_status_.samples_wanted = ended.samples_wanted;
  last_status_.frames_done = ended.reason == EndReason::complete ? 1 : 0;
  phase_ = Phase::writing;
  outcome_.seconds = frame().seconds = last_status_.seconds;
  frame().samples_wanted = ended.samples_wanted;
  frame().samples_merged = ended.samples_merged;
  report_->end_progress(last_status_);
  if (session_->network() != nullptr) session_->network()->tell_how_it_was();
  switch (ended.reason) {
    case EndReason::complete:
      outcome_.exit_code = ExitCode::done;
      outcome_.stop_reason = StopReason::samples;
      frame().state = FrameState::done;
      break;
    case EndReason::stopped:
      outcome_.exit_code = exit_code_of_signal(signal_);
      outcome_.stop_reason = StopReason::cancelled;
      frame().state = FrameState::cancelled;
      break;
    case EndReason::failed:
      frame().error = ended.error;
      outcome_.exit_code = exit_code_of(ended.error->kind);
      report_->error(*ended.error, frame().frame, outcome_.exit_code);
      break;
  }
  if (ended.samples_merged == 0) {
    written_ = true;
    return;
  }
  watchers_->finish(ended.samples_merged);
  end_film(ended);
}

/// On the film's thread, behind the last merge.
void MasterApp::end_film(const FrameEnded& ended) {
  FrameEnding ending;
  ending.source = source_;
  ending.tone_map = config_.tone_map;
  ending.outputs = config_.outputs;
  ending.threads = config_.devices.threads;
  ending.units = {ended.filled, ended.history};
  ending.complete = ended.reason == EndReason::complete;
  ending.checkpoint = config_.checkpoint.path;
  // A film that was rescued elsewhere, and went on from there, has left an older one behind.
  if (config_.checkpoint.resume)
    ending.older_checkpoint = checkpoint_path({}, config_.outputs, config_.scene.path);
  ending.is_checkpoint_outdated = ended.tiles_cleared && checkpoint_->is_own();
  ending.is_urgent = [is_urgent = is_urgent_] { return is_urgent->load(); };
  film_->with_film([this, ending = std::move(ending)](const Film& film) {
    auto result = std::make_shared<FilmResult>(end_frame_film(film, ending));
    loop_.post([this, result] { on_written(std::move(*result)); });
  });
}

void MasterApp::on_written(FilmResult result) {
  report_->end_activity();
  frame().film_hash = result.film_hash;
  frame().render_key = render_key(source_, scene_->settings());
  frame().non_finite_samples = result.non_finite_samples;
  frame().outputs = result.pictures.written;
  if (result.non_finite_samples > 0) report_->tell(notice::NonFiniteSamples{result.non_finite_samples});
  tell_of_exposure(result.pictures);
  tell_of_film_file(result);
  written_ = true;
  finish();
}

void MasterApp::tell_of_exposure(const PictureResult& pictures) {
  if (config_.tone_map.auto_exposure) report_->tell(notice::ExposureChosen{exposure_text(pictures.exposure)});
  if (frame().state != FrameState::done) return;
  std::optional<std::string> better;
  if (pictures.better_exposure) better = exposure_text(*pictures.better_exposure);
  if (pictures.almost_white) report_->tell(notice::PictureAlmostWhite{*better});
  if (pictures.almost_black) report_->tell(notice::PictureAlmostBlack{std::move(better)});
}

/// The film is safe, or not: what to do next.
void MasterApp::tell_of_film_file(const FilmResult& result) {
  for (const Error& error : result.pictures.errors) {
    outcome_.exit_code = ExitCode::output;
    outcome_.stop_reason = StopReason::failed;
    frame().state = FrameState::failed;
    frame().error = result.film_file.empty() ? error : film_kept_error({error, result.film_file});
    if (result.film_error && result.film_file.empty())
      frame().error->message += "; the film could not be kept either: " + result.film_error->message;
    report_->error(*frame().error, frame().frame, ExitCode::output);
  }
  if (result.film_error && result.pictures.errors.empty())
    report_->tell(notice::CheckpointFailed{*result.film_error});
  if (result.film_file.empty() || !result.pictures.errors.empty()) return;
  report_->tell(
      notice::CheckpointWritten{result.film_file, result.samples_kept, frame().samples_wanted, true});
}

/// When the session has ended and everything is written.
void MasterApp::finish() {
  if (!session_ended_ || !written_ || phase_ != Phase::writing) return;
  take_outcome();
  if (frame().film_hash) report_->summary(outcome_, host_name());
  close();
}

/// What the session knows, for summary and report.
void MasterApp::take_outcome() {
  const RenderStatus now = session_->status(frame_id_);
  outcome_.network = now.network.has_value();
  outcome_.devices = now.devices;
  outcome_.slaves = now.slaves;
  if (const auto first = session_->first_samples())
    outcome_.start.first_samples = to_seconds(*first - program_started_);
}

/// The end of everything that failed before or while rendering.
void MasterApp::fail(const Error& error, ExitCode code) {
  outcome_.exit_code = code;
  frame().error = error;
  report_->error(error, scene_ ? std::optional(frame().frame) : std::nullopt, code);
  error_told_ = error.message;
  close();
}

/// Tells programs how it ended, lets goodbyes arrive, and ends the loop.
void MasterApp::close() {
  phase_ = Phase::closing;
  awake_.reset();
  if (frame_id_ != kNoFrame) {
    take_outcome();
    report_->frame_finished(frame());
  }
  tell_how_it_ended();
  if (session_ && session_->network() != nullptr) session_->network()->release();
  const auto all_gone = [this] {
    return (!session_ || session_->is_closed()) && (!watchers_ || watchers_->idle());
  };
  if (all_gone()) return loop_.stop();
  const Instant deadline = steady_now() + kLinger;
  linger_ = loop_.every(milliseconds(20), [this, all_gone, deadline] {
    if (all_gone() || steady_now() >= deadline) loop_.stop();
  });
}

/// The last lines, too, may be lost: then the report is written again, with the code that is true.
void MasterApp::tell_how_it_ended() {
  fail_if_output_is_lost();
  write_report();
  report_->finished(outcome_);
  if (fail_if_output_is_lost()) write_report();
}

/// Whether this is what made the render fail.
bool MasterApp::fail_if_output_is_lost() {
  if (!report_->tell_of_losses() || outcome_.exit_code != ExitCode::done) return false;
  outcome_.exit_code = ExitCode::output;
  report_->error(
      {ErrorKind::output, "lines of standard output are lost", "make room, or send the output elsewhere"},
      std::nullopt, ExitCode::output);
  return true;
}

void MasterApp::write_report() {
  const auto written = report_->write_file(outcome_);
  if (written) return;
  // It may be what ended the render, and it is tried again where standard output fails, too.
  if (std::exchange(error_told_, written.error().message) != written.error().message)
    report_->error(written.error(), std::nullopt, ExitCode::output);
  if (outcome_.exit_code == ExitCode::done) outcome_.exit_code = ExitCode::output;
}

}  // namespace oct
