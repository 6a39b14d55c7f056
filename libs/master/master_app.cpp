#include "master/master_app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "base/end_by_signal.hpp"
#include "base/escaped.hpp"
#include "base/file.hpp"
#include "base/free_memory.hpp"
#include "master/memory_needs.hpp"
#include "master/output_check.hpp"
#include "master/run_ending.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

constexpr Duration kProgressTick = milliseconds(100);
constexpr Duration kLinger = seconds(3);  // for goodbyes to arrive

}  // namespace

MasterApp::MasterApp(MasterConfig config) : config_(std::move(config)), has_frames_(has_frames(config_)) {}

MasterApp::~MasterApp() = default;

ExitCode MasterApp::run() {
  outcome_.command = config_.command;
  auto opened = name_files();
  if (opened) opened = open_report();
  if (!opened) {
    Console({}).error(opened.error().message, opened.error().help);
    return code_of_checking(opened.error().kind);
  }
  report_->started(config_.command);
  if (auto checked = check_jobs(); !checked) {
    fail(checked.error(), code_of_checking(checked.error().kind));
    return outcome_.exit_code;
  }
  if (auto checked = check_command(); !checked) {
    fail(checked.error(), exit_code_of(checked.error().kind));
    return outcome_.exit_code;
  }
  start();
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

Result<void> MasterApp::name_files() {
  OCT_TRY(name_outputs(config_));
  tasks_ = tasks_of(config_);
  OCT_TRY(check_names_differ(config_, tasks_));
  queue_ = FrameQueue(tasks_.size());
  outcome_.frames.resize(tasks_.size());
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const RenderJob& job = config_.jobs[tasks_[i].job];
    outcome_.frames[i].frame = tasks_[i].number;
    outcome_.frames[i].job = job.name;
    outcome_.frames[i].samples_per_pixel = job.scene.samples_per_pixel.value_or(kDefaultSamples);
  }
  return {};
}

/// Not before it is known that log and report take nobody's place.
Result<void> MasterApp::open_report() {
  OCT_TRY_ASSIGN(report_, RenderReport::make(config_.report));
  return {};
}

/// What a jobs file says wrongly is wrong input.
ExitCode MasterApp::code_of_checking(ErrorKind kind) const {
  const bool is_input = kind == ErrorKind::invalid_input && !config_.batch_file.empty();
  return is_input ? ExitCode::input : exit_code_of(kind);
}

Result<void> MasterApp::check_command() {
  OCT_TRY(check_all_outputs(config_, tasks_));
  if (config_.no_local && !config_.network.enable) {
    return oct::fail(ErrorKind::invalid_input, "--no-local leaves nothing to render with",
                     "add --net-enable, and start slaves");
  }
  for (const RenderJob& job : config_.jobs) {
    if (const auto needs = film_memory_needs(job.scene)) OCT_TRY(check_memory_budget(*needs, memory_limit()));
  }
  return open_session();
}

/// Of several scenes nobody learns after hours that one is not there.
Result<void> MasterApp::check_jobs() {
  if (config_.batch_file.empty()) return {};
  for (const RenderJob& job : config_.jobs) {
    std::error_code error;
    if (std::filesystem::is_regular_file(path_from_utf8(job.scene.path), error)) continue;
    return oct::fail(ErrorKind::invalid_input,
                     fmt::format("{}: job \"{}\": scene {}: file not found", escaped(config_.batch_file),
                                 escaped(job.name), escaped(job.scene.path)),
                     "paths are relative to the jobs file");
  }
  return {};
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

void MasterApp::start() {
  tick_ = loop_.every(kProgressTick, [this] { on_tick(); });
  frame_loader_ = std::make_unique<FrameLoader>(config_, session_config_.plan);
  loader_ = std::make_unique<WorkQueue>();
  load_next();
}

void MasterApp::load_next() {
  const auto index = queue_.next();
  if (!index) return;
  loading_ = *index;
  load_started_ = steady_now();
  loader_->post([this, index = *index] {
    auto offer = std::make_shared<FrameOffer>(frame_loader_->load(tasks_[index]));
    return_free_memory();  // the scene is compiled, and what that took is of no use any more
    loop_.post([this, offer, index] { on_loaded(index, std::move(*offer)); });
  });
}

void MasterApp::on_loaded(std::size_t index, FrameOffer&& offer) {
  if (closing_ || !queue_.is_loading()) return;  // nobody waits for it any more
  if (!queue_.is_rendering()) report_->end_activity();
  std::visit([&](auto& concrete) { take(index, std::move(concrete)); }, offer);
  if (!closing_) go_on();
}

void MasterApp::take(std::size_t index, LoadedFrame&& frame) {
  const Instant now = steady_now();
  const FrameTask& task = tasks_[index];
  frame.scene.summary.seconds = to_seconds(now - load_started_);
  if (!outcome_.start.loaded) outcome_.start.loaded = to_seconds(now - program_started_);
  describe(frame.scene, task.job);
  if (!frame.others_fit_beside && !is_single()) render_one_at_a_time(task.job);
  const bool is_first = !render_started_;
  if (is_first) {
    render_started_ = outcome_.started = now;
    awake_ = std::make_unique<StayAwake>(loop_, report_->log(), "octane_master renders");
    awake_->set(true);
  }
  const auto total = static_cast<std::uint32_t>(tasks_.size());
  const FrameRun::Run run{loop_, config_, *report_, *session_, is_urgent_, total, told_by_watchers_};
  runs_.push_back(std::make_unique<FrameRun>(run, task, index, std::move(frame)));
  queue_.loaded();
  runs_.back()->begin(now);
  look_at_oldest(now);
  if (is_first) session_->begin();
}

void MasterApp::take(std::size_t index, SkippedFrame&& frame) {
  queue_.not_rendered();
  if (is_single())
    report_->tell(notice::InputNote{
        fmt::format("{} is there already: nothing is rendered", frame.outcome.outputs.front())});
  frame.outcome.job = outcome_.frames[index].job;
  outcome_.frames[index] = std::move(frame.outcome);
  frame_is_over(index);
}

void MasterApp::take(std::size_t index, UnloadableFrame&& frame) {
  const bool is_all = is_single() || (frame.whole_job && config_.jobs.size() == 1);
  if (is_all) return fail(frame.error, frame.code);
  queue_.not_rendered();
  FrameOutcome& outcome = outcome_.frames[index];
  outcome.state = FrameState::failed;
  outcome.error = frame.error;
  // Of a scene that cannot be read each frame would tell the same.
  const bool is_news = !frame.whole_job || told_.emplace(tasks_[index].job, frame.error.message).second;
  if (is_news) report_->error(frame.error, tasks_[index].number, frame.code);
  frame_is_over(index);
}

void MasterApp::render_one_at_a_time(std::size_t job) {
  const std::string text = "memory holds one frame at a time: the next one is made ready when one is written";
  if (told_.emplace(job, text).second) report_->tell(notice::InputNote{text});
  queue_.one_at_a_time();
}

/// What is known of a job's scene is told with its first frame; later ones tell what is new.
void MasterApp::describe(const LoadedScene& scene, std::size_t job) {
  const auto is_new = [&](const std::string& text) { return told_.emplace(job, text).second; };
  for (const std::string& warning : scene.warnings) {
    if (is_new(warning)) report_->tell(notice::InputWarning{warning});
  }
  const bool is_first = described_.insert(job).second;
  if (scene.neutral_light_added && is_first) report_->tell(notice::NeutralLightAdded{});
  for (const std::string& note : scene.notes) {
    if (is_new(note)) report_->tell(notice::InputNote{note});
  }
  if (!is_first) return;
  report_->scene(scene.summary);
  if (described_.size() == 1) report_->devices(session_config_.plan);
  const RenderSettings& settings = scene.settings();
  report_->film({settings.width, settings.height, settings.samples_per_pixel, scene.camera_name,
                 stop_rule_text(config_.jobs[job].stop)});
  if (described_.size() == 1 && session_->network() != nullptr) session_->network()->describe(false);
}

// Rendering.

FrameRun* MasterApp::oldest() {
  const auto found = std::ranges::find_if(runs_, [](const auto& run) { return run->is_rendering(); });
  return found == runs_.end() ? nullptr : found->get();
}

void MasterApp::look_at_oldest(Instant now) {
  if (FrameRun* run = oldest()) run->become_current(frames_done(), now);
}

void MasterApp::on_tick() {
  const Instant now = steady_now();
  std::erase_if(runs_, [&](const auto& run) {
    // who looks at a film and takes nothing of it does not keep it for ever
    return over_.contains(run->index()) && (run->is_idle() || now - over_since_[run->index()] > kLinger);
  });
  if (closing_) return;
  if (const auto activity = activity_beside_rendering()) report_->activity(*activity, now);
  const FrameRun* current = oldest();
  if (current == nullptr) return;
  session_->tell_progress(now);
  report_->progress(current->status(), now);
  for (const auto& run : runs_) run->on_tick(now);
}

/// What its workers do while nothing is rendered.
std::optional<Activity> MasterApp::activity_beside_rendering() const {
  if (queue_.is_rendering()) return std::nullopt;
  const auto name = [](const std::string& path) { return utf8_from_path(path_from_utf8(path).filename()); };
  if (queue_.is_writing()) {
    const auto writing =
        std::ranges::find_if(runs_, [&](const auto& run) { return !over_.contains(run->index()); });
    const auto& outputs = (*writing)->outputs();
    return Activity{Activity::Kind::writing, outputs.size() == 1 ? outputs.front().path : std::string()};
  }
  if (!queue_.is_loading()) return std::nullopt;
  return Activity{Activity::Kind::loading, name(config_.jobs[tasks_[loading_].job].scene.path)};
}

void MasterApp::on_signal(int signal) {
  // Who ends a session may send SIGTERM and SIGHUP together: only a second CTRL-C means "at once".
  const bool stopping = signal_ != 0;
  const bool again = stopping && signal == SIGINT;
  if (!stopping || again) signal_ = signal;
  if (again || (!render_started_ && !closing_)) {
    outcome_.exit_code = exit_code_of_signal(signal);
    outcome_.stop_reason = StopReason::cancelled;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (!over_.contains(i)) outcome_.frames[i].state = FrameState::cancelled;
    }
    if (!again) write_report();
    end_at_once(signal);
  }
  if (stopping || closing_) return;
  *is_urgent_ = true;
  if (!queue_.is_rendering() && queue_.is_writing() && queue_.all_loaded())
    report_->tell(notice::WritingPictures{});
  else
    report_->tell(notice::Stopping{session_->core().leases_under_way()});
  stop();
}

void MasterApp::end_at_once(int signal) {
  if (session_ && session_->network() != nullptr) session_->network()->withdraw_address();
  report_->finished(outcome_);
  end_by_signal(signal);
}

// Ending.

void MasterApp::on_frame_ended(const FrameEnded& ended) {
  const auto found = std::ranges::find_if(runs_, [&](const auto& run) { return run->id() == ended.frame; });
  FrameRun& run = **found;
  queue_.rendered();
  if (ended.reason == EndReason::failed && no_device_is_left()) {
    session_error_ = ended.error;
    queue_.abandon();
  }
  if (!queue_.is_rendering() && queue_.all_loaded() && session_->network() != nullptr)
    session_->network()->tell_how_it_was();
  run.on_frame_ended(ended, signal_,
                     [this, &run](const FrameRun::Ending& ending) { on_frame_done(run, ending); });
  if (!stopping_) look_at_oldest(steady_now());
  go_on_soon();
}

void MasterApp::on_frame_done(FrameRun& run, const FrameRun::Ending& ending) {
  const std::size_t index = run.index();
  if (!queue_.is_rendering()) report_->end_activity();
  queue_.written();
  outcome_.frames[index] = ending.outcome;
  if (is_single()) outcome_.exit_code = ending.code;
  if (is_single() && ending.stop_reason) outcome_.stop_reason = *ending.stop_reason;
  frame_is_over(index);
  go_on_soon();
}

/// People and programs are told of each frame at its end, in order; of a still, the end of the render tells.
void MasterApp::frame_is_over(std::size_t index) {
  over_.insert(index);
  over_since_[index] = steady_now();
  for (; !is_single() && over_.contains(frames_told_); ++frames_told_)
    report_->frame_finished(outcome_.frames[frames_told_], frames_told_ + 1, tasks_.size());
  const FrameOutcome& frame = outcome_.frames[index];
  if (frame.state == FrameState::failed && config_.stop_on_error) loop_.post([this] { stop(); });
}

/// Begins no other frame, and keeps the films of those that are rendered.
void MasterApp::stop() {
  stopping_ = true;
  queue_.abandon();
  if (render_started_ && !session_ended_) session_->stop();
  go_on();
}

/// Another frame would find nothing to be rendered with either.
bool MasterApp::no_device_is_left() const {
  if (config_.network.enable) return true;  // all slaves that --net-wait wants did not come
  return std::ranges::none_of(session_->core().local_devices(), &LocalStatus::usable);
}

/// Not while the session carries out what its core has decided.
void MasterApp::go_on_soon() {
  loop_.post([this] { go_on(); });
}

/// Loads, or ends, what comes next.
void MasterApp::go_on() {
  if (closing_) return;
  load_next();
  if (queue_.all_loaded() && render_started_ && !session_ended_ &&
      !std::exchange(told_of_no_more_frames_, true))
    session_->no_more_frames();
  finish();
}

/// When the session has ended and everything is written.
void MasterApp::finish() {
  if (closing_ || !queue_.is_over() || (render_started_ && !session_ended_)) return;
  outcome_.seconds = render_started_ ? to_seconds(steady_now() - *render_started_) : 0;
  if (is_single()) outcome_.seconds = outcome_.frames.front().seconds;
  if (session_error_) {
    outcome_.exit_code = exit_code_of(session_error_->kind);
    fail_rest(*session_error_);
  } else if (!is_single() || outcome_.frames.front().state == FrameState::skipped) {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (!over_.contains(i)) outcome_.frames[i].state = FrameState::cancelled;
    }
    const bool is_cut_short =
        signal_ != 0 && std::ranges::any_of(outcome_.frames, [](const FrameOutcome& frame) {
          return frame.state == FrameState::cancelled;
        });
    const RunEnding ending = is_cut_short ? RunEnding{exit_code_of_signal(signal_), StopReason::cancelled}
                                          : ending_of(outcome_.frames);
    outcome_.exit_code = ending.code;
    outcome_.stop_reason = ending.reason;
  }
  take_outcome();
  if (has_frames_ || outcome_.frames.front().film_hash) report_->summary(outcome_, host_name());
  close();
}

/// What the session knows, for summary and report.
void MasterApp::take_outcome() {
  const RenderStatus now = session_->status(kNoFrame);
  outcome_.network = now.network.has_value();
  outcome_.devices = now.devices;
  outcome_.slaves = now.slaves;
  if (const auto first = session_->first_samples())
    outcome_.start.first_samples = to_seconds(*first - program_started_);
}

/// The end of everything that failed before or while rendering.
void MasterApp::fail(const Error& error, ExitCode code) {
  outcome_.exit_code = code;
  const bool is_of_frame = is_single() && !described_.empty();
  report_->error(error, is_of_frame ? std::optional(tasks_.front().number) : std::nullopt, code);
  error_told_ = error.message;
  fail_rest(error);
  close();
}

void MasterApp::fail_rest(const Error& error) {
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    if (over_.contains(i)) continue;
    outcome_.frames[i].state = FrameState::failed;
    outcome_.frames[i].error = error;
  }
}

/// Tells programs how it ended, lets goodbyes arrive, and ends the loop.
void MasterApp::close() {
  closing_ = true;
  awake_.reset();
  if (render_started_) take_outcome();
  if (is_single() && (render_started_ || over_.contains(0))) report_->frame_finished(outcome_.frames.front());
  tell_how_it_ended();
  if (session_ && session_->network() != nullptr) session_->network()->release();
  const auto all_gone = [this] {
    return (!session_ || session_->is_closed()) &&
           std::ranges::all_of(runs_, [](const auto& run) { return run->is_idle(); });
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

/// Those of which no sample is missing.
std::uint32_t MasterApp::frames_done() const {
  const auto written = std::ranges::count_if(over_, [&](std::size_t index) {
    const FrameState state = outcome_.frames[index].state;
    return state == FrameState::done || state == FrameState::skipped;
  });
  const auto rendered = std::ranges::count_if(
      runs_, [&](const auto& run) { return run->is_complete() && !over_.contains(run->index()); });
  return static_cast<std::uint32_t>(written + rendered);
}

}  // namespace oct
