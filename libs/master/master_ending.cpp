#include <fmt/format.h>

#include <algorithm>

#include "base/end_by_signal.hpp"
#include "base/file.hpp"
#include "master/master_app.hpp"

// How a render ends: pictures, summary, report, exit code.

namespace oct {
namespace {

constexpr double kFramesPerSecond = 24;
constexpr Duration kLinger = seconds(3);  // for goodbyes to arrive

int percent_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<int>((part * 100 + whole / 2) / whole);
}

}  // namespace

void MasterApp::on_ended(RenderEnded& ended) {
  phase_ = Phase::writing;
  render_ended_ = steady_now();
  outcome_.seconds = to_seconds(render_ended_ - render_started_);
  watch_->end_progress(view());
  describe_network(true);
  if (keeper_) keeper_->release();
  switch (ended.reason) {
    case RenderEnded::Reason::complete:
      outcome_.exit_code = ExitCode::done;
      outcome_.stop_reason = "samples";
      outcome_.frame_state = "done";
      break;
    case RenderEnded::Reason::stopped:
      outcome_.exit_code = exit_code_of_signal(signal_);
      outcome_.stop_reason = outcome_.frame_state = "cancelled";
      break;
    case RenderEnded::Reason::failed:
      outcome_.stop_reason = outcome_.frame_state = "failed";
      outcome_.error = ended.error;
      outcome_.exit_code = ended.error->kind == ErrorKind::unavailable ? ExitCode::network
                           : ended.error->kind == ErrorKind::internal  ? ExitCode::internal
                                                                       : ExitCode::device;
      watch_->error(*ended.error, outcome_.frame, outcome_.exit_code);
      break;
  }
  if (core_->ledger().samples_merged() == 0) {
    outcome_.samples_wanted = core_->ledger().samples_wanted();
    return close();
  }
  film_watchers_->finish(core_->ledger().samples_merged());
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
  outcome_.film_hash = film_hash;
  outcome_.render_key = render_key_;
  outcome_.non_finite_samples = non_finite;
  outcome_.samples_merged = core_->ledger().samples_merged();
  outcome_.outputs = result.written;
  if (non_finite > 0) {
    watch_->warning(
        fmt::format("{} contributions were not finite and counted as zero: this is a bug of the renderer",
                    non_finite),
        {});
  }
  if (result.almost_black && core_->ledger().complete()) {
    watch_->warning("the picture is almost black: the scene's lights reach little of what the camera sees",
                    "--imager-exposure F brightens it, --environment FILE lights the scene");
  }
  for (const Error& error : result.errors) {
    outcome_.exit_code = ExitCode::output;
    outcome_.frame_state = outcome_.stop_reason = "failed";
    outcome_.error = error;
    watch_->error(error, outcome_.frame, ExitCode::output);
  }
  summarize();
  close();
}

void MasterApp::summarize() {
  const Instant instant = steady_now();
  const Ledger& ledger = core_->ledger();
  for (const std::string& path : outcome_.outputs) watch_->line("Picture", path);
  const double speed =
      outcome_.seconds > 0 ? static_cast<double>(ledger.samples_merged()) / outcome_.seconds : 0;
  const std::uint32_t wanted_spp = ledger.settings().samples_per_pixel;
  if (ledger.complete()) {
    watch_->line("Summary", fmt::format("{} spp in {:.1f} s, {}; samples wanted {} = merged {}", wanted_spp,
                                        outcome_.seconds, speed_text(speed), ledger.samples_wanted(),
                                        ledger.samples_merged()));
  } else {
    watch_->line("Summary", fmt::format("{} of {} spp in {:.1f} s, {}; samples wanted {}, merged {}",
                                        view().samples_per_pixel(), wanted_spp, outcome_.seconds,
                                        speed_text(speed), ledger.samples_wanted(), ledger.samples_merged()));
  }
  watch_->line("Film hash", outcome_.film_hash->short_text());
  if (!server_) return;

  std::string shares;
  const auto add = [&](const std::string& name, std::uint64_t samples) {
    shares += fmt::format("{}{} {} %", shares.empty() ? "" : ", ", name,
                          percent_of(samples, ledger.samples_merged()));
  };
  for (const LocalStatus& device : core_->local_devices()) {
    add(fmt::format("{} {}", host_name(),
                    device.info.kind == DeviceKind::cuda ? fmt::format("GPU {}", device.info.index)
                                                         : std::string("CPU")),
        device.samples);
  }
  std::uint64_t sent = 0, received = 0;
  for (const SlaveStatus& slave : core_->slaves(instant)) {
    sent += server_->bytes_out(slave.link);
    received += server_->bytes_in(slave.link);
    if (slave.doing != SlaveDoing::refused) add(slave.name, slave.samples);
  }
  watch_->line("Shares", fmt::format("{}          sent {}, received {}", shares, megabytes_text(sent),
                                     megabytes_text(received)));
}

/// The end of everything that failed before or while rendering.
void MasterApp::fail(const Error& error, ExitCode code) {
  outcome_.exit_code = code;
  outcome_.error = error;
  const bool has_frame = scene_.has_value();
  watch_->error(error, has_frame ? std::optional<std::int32_t>(outcome_.frame) : std::nullopt, code);
  close();
}

/// Tells programs how it ended, lets goodbyes arrive, and ends the loop.
void MasterApp::close() {
  phase_ = Phase::closing;
  if (core_) {
    const Instant instant = steady_now();
    outcome_.devices = core_->local_devices();
    outcome_.slaves = core_->slaves(instant);
    for (SlaveStatus& slave : outcome_.slaves) {
      slave.stolen = stolen_.contains(slave.link);
      if (server_) slave.bytes_in = server_->bytes_in(slave.link);
      outcome_.slave_bytes_out.push_back(server_ ? server_->bytes_out(slave.link) : 0);
    }
    watch_->frame_finished(outcome_);
  }
  write_report();
  watch_->finished(outcome_);
  if (keeper_) keeper_->release();
  const auto all_gone = [this] {
    return (!server_ || server_->open_connections() == 0) && (!keeper_ || keeper_->idle()) &&
           (!film_watchers_ || film_watchers_->idle());
  };
  if (all_gone()) return loop_.stop();
  const Instant deadline = steady_now() + kLinger;
  linger_ = loop_.every(milliseconds(20), [this, all_gone, deadline] {
    if (all_gone() || steady_now() >= deadline) loop_.stop();
  });
}

void MasterApp::write_report() {
  if (config_.watch.report.empty()) return;
  outcome_.warnings = watch_->warnings();
  const std::string document = report_document(outcome_);
  if (auto written = write_file_by_renaming(config_.watch.report, std::as_bytes(std::span(document)));
      !written) {
    watch_->error(written.error(), std::nullopt, ExitCode::output);
    if (outcome_.exit_code == ExitCode::done) outcome_.exit_code = ExitCode::output;
  }
}

}  // namespace oct
