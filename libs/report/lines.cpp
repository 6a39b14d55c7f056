#include "report/lines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/figure.hpp"
#include "base/plural.hpp"
#include "report/device_words.hpp"
#include "report/shares.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

constexpr std::size_t kMostShares = 12;  // a line of a terminal or two

/// Whom this master serves.
std::string access_text(const NetworkSummary& network) {
  if (network.farm) return "farm " + *network.farm;
  return network.insecure ? "open to this whole network (--net-insecure)"
                          : "not activated: slaves on this computer only";
}

std::string samples_text(const RenderOutcome& outcome) {
  const double speed =
      outcome.seconds > 0 ? static_cast<double>(outcome.samples_rendered()) / outcome.seconds : 0;
  const bool complete = outcome.samples_merged() == outcome.samples_wanted();
  return fmt::format("{}; samples wanted {}{}merged {}", speed_text(speed), outcome.samples_wanted(),
                     complete ? " = " : ", ", outcome.samples_merged());
}

/// "256 spp", or where tiles differ "64 to 600 spp (132 on average)".
std::string samples_per_pixel_text(const FrameOutcome& frame) {
  if (frame.least_samples_per_pixel == 0) return fmt::format("{} spp", frame.samples_per_pixel);
  return fmt::format("{} to {} spp ({} on average)", frame.least_samples_per_pixel, frame.samples_per_pixel,
                     frame.samples_merged / std::max<std::uint64_t>(1, frame.pixels));
}

/// "256 spp in 3.9 s", or of several frames "240 of 240 frames in 1:02:03".
std::string amount_text(const RenderOutcome& outcome) {
  if (outcome.frames.size() != 1) {
    const auto done =
        std::count_if(outcome.frames.begin(), outcome.frames.end(), [](const FrameOutcome& frame) {
          return frame.state == FrameState::done || frame.state == FrameState::skipped;
        });
    return fmt::format("{} of {} frames in {}", done, outcome.frames.size(), duration_text(outcome.seconds));
  }
  const FrameOutcome& frame = outcome.frames.front();
  if (frame.samples_merged == frame.samples_wanted)
    return fmt::format("{} in {} s", samples_per_pixel_text(frame), figure(outcome.seconds, 1));
  const std::uint64_t pixels = frame.samples_wanted / std::max(1U, frame.samples_per_pixel);
  return fmt::format("{} of {} spp in {} s", frame.samples_merged / std::max<std::uint64_t>(1, pixels),
                     frame.samples_per_pixel, figure(outcome.seconds, 1));
}

std::string shares_text(const RenderOutcome& outcome, const std::string& host) {
  std::vector<Share> shares;
  for (const LocalStatus& device : outcome.devices) {
    const bool is_gpu = device.info.kind == DeviceKind::cuda;
    const std::string name = is_gpu ? fmt::format("GPU {}", device.info.index) : std::string("CPU");
    shares.push_back({fmt::format("{} {}", host, name), device.samples});
  }
  std::uint64_t sent = 0, received = 0;
  for (const SlaveStatus& slave : outcome.slaves) {
    sent += slave.bytes_out;
    received += slave.bytes_in;
    if (slave.doing != SlaveDoing::refused) shares.push_back({slave.name, slave.samples});
  }
  return fmt::format("{}          sent {}, received {}", shares_text(shares, kMostShares),
                     megabytes_text(sent), megabytes_text(received));
}

}  // namespace

std::string labelled(std::string_view label, std::string_view text) {
  return fmt::format("{:<11}{}", label, text);
}

std::string scene_line(const SceneSummary& scene) {
  return labelled("Scene",
                  fmt::format("{}: {} triangles, {} objects, {} materials, {} textures; {} render "
                              "data in {} s",
                              scene.name, scene.triangles, scene.objects, scene.materials, scene.textures,
                              megabytes_text(scene.bytes), figure(scene.seconds, 1)));
}

std::string devices_line(const DevicePlan& plan) {
  return labelled("Devices", devices_text(plan));
}

std::string film_line(const FilmSummary& film) {
  const std::string until = film.until.empty() ? "" : fmt::format("until {}, at most ", film.until);
  return labelled("Film", fmt::format("{}x{}, {}{} samples per pixel, camera \"{}\"", film.width, film.height,
                                      until, film.samples_per_pixel, film.camera));
}

std::string network_line(const NetworkSummary& network) {
  const std::string daemons = using_text(network.daemons);
  return labelled("Network", fmt::format("port {}, {}{}{}", network.port, access_text(network),
                                         daemons.empty() ? "" : ", ", daemons));
}

std::string frame_line(const FrameOutcome& frame, std::size_t number, std::size_t total) {
  std::string text = fmt::format("Frame {}/{}", number, total);
  if (frame.error) {
    const std::string job = frame.job.empty() ? "" : fmt::format(" of job \"{}\"", frame.job);
    return fmt::format("{}   frame {}{} failed: {}", text, frame.frame, job, frame.error->message);
  }
  for (const std::string& output : frame.outputs) text += "   " + output;
  if (frame.state == FrameState::skipped) return text + "   skipped: it is done already";
  text += fmt::format("   {}   {:.1f} s", samples_per_pixel_text(frame), frame.seconds);
  if (frame.film_hash) text += "   " + *frame.film_hash;
  return text;
}

std::vector<std::string> summary_lines(const RenderOutcome& outcome, const std::string& host) {
  std::vector<std::string> lines;
  if (outcome.frames.size() == 1) {
    for (const std::string& path : outcome.frames.front().outputs) lines.push_back(labelled("Picture", path));
  }
  lines.push_back(labelled("Summary", amount_text(outcome) + ", " + samples_text(outcome)));
  if (const auto hash = outcome.film_hash()) lines.push_back(labelled("Film hash", *hash));
  if (outcome.network) lines.push_back(labelled("Shares", shares_text(outcome, host)));
  return lines;
}

}  // namespace oct
