#include "base/end_by_signal.hpp"
#include "base/file.hpp"
#include "master/master_app.hpp"

// How a render ends: pictures, summary, report, exit code.

namespace oct {
namespace {

constexpr double kFramesPerSecond = 24;
constexpr Duration kLinger = seconds(3);  // for goodbyes to arrive

}  // namespace

void MasterApp::on_ended(RenderEnded& ended) {
  phase_ = Phase::writing;
  render_ended_ = steady_now();
  outcome_.seconds = to_seconds(render_ended_ - render_started_);
  report_->end_progress(status());
  describe_network(true);
  if (keeper_) keeper_->release();
  switch (ended.reason) {
    case RenderEnded::Reason::complete:
      outcome_.exit_code = ExitCode::done;
      outcome_.stop_reason = StopReason::samples;
      frame().state = FrameState::done;
      break;
    case RenderEnded::Reason::stopped:
      outcome_.exit_code = exit_code_of_signal(signal_);
      outcome_.stop_reason = StopReason::cancelled;
      frame().state = FrameState::cancelled;
      break;
    case RenderEnded::Reason::failed:
      frame().error = ended.error;
      outcome_.exit_code = exit_code_of(ended.error->kind);
      report_->error(*ended.error, frame().frame, outcome_.exit_code);
      break;
  }
  if (core_->ledger().samples_merged() == 0) {
    frame().samples_wanted = core_->ledger().samples_wanted();
    return close();
  }
  write_pictures();
}

/// On the film's thread, behind the last merge.
void MasterApp::write_pictures() {
  film_->with_film([this](const Film& film) {
    const Digest film_hash = film.hash();
    PictureMetadata metadata;
    metadata.texts = picture_texts(scene_->summary.name, film.settings(), film_hash.short_text(),
                                   render_key_.short_text());
    metadata.camera = scene_->data()->cameras.front();
    metadata.frames_per_second = kFramesPerSecond;
    auto result =
        std::make_shared<PictureResult>(write_outputs(film, config_.tone_map, config_.outputs, metadata));
    const std::uint64_t non_finite = film.non_finite_samples();
    loop_.post(
        [this, result, film_hash, non_finite] { on_written(std::move(*result), film_hash, non_finite); });
  });
}

void MasterApp::on_written(PictureResult result, Digest film_hash, std::uint64_t non_finite) {
  frame().film_hash = film_hash;
  frame().render_key = render_key_;
  frame().non_finite_samples = non_finite;
  frame().samples_merged = core_->ledger().samples_merged();
  frame().outputs = result.written;
  if (non_finite > 0) report_->tell(notice::NonFiniteSamples{non_finite});
  if (result.almost_black && core_->ledger().complete()) report_->tell(notice::PictureAlmostBlack{});
  for (const Error& error : result.errors) {
    outcome_.exit_code = ExitCode::output;
    outcome_.stop_reason = StopReason::failed;
    frame().state = FrameState::failed;
    frame().error = error;
    report_->error(error, frame().frame, ExitCode::output);
  }
  take_outcome();
  report_->summary(outcome_, host_name());
  close();
}

/// What core and server know, for summary and report.
void MasterApp::take_outcome() {
  outcome_.network = server_ != nullptr;
  frame().seconds = outcome_.seconds;
  outcome_.devices = core_->local_devices();
  outcome_.slaves = core_->slaves(steady_now());
  for (SlaveStatus& slave : outcome_.slaves) {
    slave.stolen = stolen_.contains(slave.link);
    if (!server_) continue;
    slave.bytes_in = server_->bytes_in(slave.link);
    slave.bytes_out = server_->bytes_out(slave.link);
  }
}

/// The end of everything that failed before or while rendering.
void MasterApp::fail(const Error& error, ExitCode code) {
  outcome_.exit_code = code;
  frame().error = error;
  const bool has_frame = scene_.has_value();
  report_->error(error, has_frame ? std::optional(frame().frame) : std::nullopt, code);
  close();
}

/// Tells programs how it ended, lets goodbyes arrive, and ends the loop.
void MasterApp::close() {
  phase_ = Phase::closing;
  if (core_) {
    take_outcome();
    report_->frame_finished(frame());
  }
  write_report();
  report_->finished(outcome_);
  if (keeper_) keeper_->release();
  const auto all_gone = [this] {
    return (!server_ || server_->open_connections() == 0) && (!keeper_ || keeper_->idle());
  };
  if (all_gone()) return loop_.stop();
  const Instant deadline = steady_now() + kLinger;
  linger_ = loop_.every(milliseconds(20), [this, all_gone, deadline] {
    if (all_gone() || steady_now() >= deadline) loop_.stop();
  });
}

void MasterApp::write_report() {
  if (auto written = report_->write_file(outcome_); !written) {
    report_->error(written.error(), std::nullopt, ExitCode::output);
    if (outcome_.exit_code == ExitCode::done) outcome_.exit_code = ExitCode::output;
  }
}

}  // namespace oct
