#include "master/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/plural.hpp"

namespace oct {
namespace {

constexpr int kCells = 20;

std::string cells(double percent) {
  const int filled = std::clamp(static_cast<int>(percent / 100 * kCells), 0, kCells);
  return fmt::format("[{:#<{}}{:.<{}}]", "", filled, "", kCells - filled);
}

std::string network_bound_text(const ProgressView& view) {
  if (view.slaves_network_bound == 0) return {};
  if (view.slaves_network_bound == view.slaves) return ", network-bound";
  return fmt::format(", network-bound {}/{}", view.slaves_network_bound, view.slaves);
}

std::string network_text(const ProgressView& view) {
  const std::uint64_t pending = (view.bytes_pending + 500'000) / 1'000'000;
  return fmt::format("net: {} slave{}, GPUs {}/{}, updating {}, updated {}, {}/{}{}", view.slaves,
                     plural(view.slaves), view.net_devices_used, view.net_devices, view.slaves_updating,
                     view.slaves_updated, pending, megabytes_text(view.bytes_total),
                     network_bound_text(view));
}

}  // namespace

double ProgressView::percent() const {
  return samples_wanted == 0
             ? 0
             : 100.0 * static_cast<double>(samples_merged) / static_cast<double>(samples_wanted);
}

std::uint32_t ProgressView::samples_per_pixel() const {
  return static_cast<std::uint32_t>(samples_merged / std::max<std::uint64_t>(1, pixels));
}

double ProgressView::seconds_left() const {
  if (samples_per_second <= 0) return 0;
  return static_cast<double>(samples_wanted - samples_merged) / samples_per_second;
}

std::string duration_text(double seconds_long) {
  const auto whole = static_cast<std::uint64_t>(std::max(0.0, std::ceil(seconds_long)));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string speed_text(double samples_per_second) {
  const double millions = samples_per_second / 1e6;
  const int digits = millions >= 100 ? 0 : millions >= 10 ? 1 : millions >= 1 ? 2 : 3;
  return fmt::format("{:.{}f} Ms/s", millions, digits);
}

std::string megabytes_text(std::uint64_t bytes) {
  if (bytes > 0 && bytes < 950'000) return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
  return fmt::format("{} MB", (bytes + 500'000) / 1'000'000);
}

std::string bar_text(const ProgressView& view, std::size_t width) {
  std::string text = fmt::format("{} {:>3}%", cells(view.percent()), static_cast<int>(view.percent()));
  std::vector<std::string> parts;
  parts.push_back(fmt::format("{}/{} spp", view.samples_per_pixel(), view.samples_per_pixel_wanted));
  parts.push_back(speed_text(view.samples_per_second));
  if (view.samples_per_second > 0) parts.push_back("left " + duration_text(view.seconds_left()));
  if (view.network) parts.push_back(network_text(view));
  for (const std::string& part : parts) {
    if (text.size() + 2 + part.size() >= width)
      break;  // the last column stays free: some terminals would wrap
    text += "  " + part;
  }
  if (text.size() >= width) text = fmt::format("{}%", static_cast<int>(view.percent())).substr(0, width);
  return text;
}

std::string plain_text(const ProgressView& view) {
  return fmt::format("Progress: {}% frame {} ({} of {})", static_cast<int>(view.percent()), view.frame,
                     view.frame_number, view.frames_total);
}

std::string slave_text(const SlaveStatus& status) {
  switch (status.doing) {
    case SlaveDoing::updating:
      return fmt::format("{}: updating {}", status.name, megabytes_text(status.bytes_total));
    case SlaveDoing::rendering: {
      std::size_t gpus = 0;
      for (const DeviceInfo& info : status.devices) gpus += info.kind == DeviceKind::cuda;
      if (gpus == 0) return fmt::format("{}: rendering (CPU)", status.name);
      return fmt::format("{}: rendering ({} GPU{})", status.name, gpus, plural(gpus));
    }
    case SlaveDoing::silent:
    case SlaveDoing::left: return fmt::format("{}: {}", status.name, status.text);
    case SlaveDoing::authenticating:
    case SlaveDoing::building:
    case SlaveDoing::idle:
    case SlaveDoing::draining:
    case SlaveDoing::refused:  // said as a warning
    case SlaveDoing::lost:     // likewise
    case SlaveDoing::finished: break;
  }
  return {};
}

const char* doing_word(SlaveDoing doing) {
  switch (doing) {
    case SlaveDoing::authenticating: return "authenticating";
    case SlaveDoing::updating: return "updating";
    case SlaveDoing::building: return "building";
    case SlaveDoing::rendering: return "rendering";
    case SlaveDoing::idle: return "idle";
    case SlaveDoing::draining: return "draining";
    case SlaveDoing::silent: return "silent";
    case SlaveDoing::refused: return "refused";
    case SlaveDoing::lost: return "lost";
    case SlaveDoing::left: return "left";
    case SlaveDoing::finished: return "finished";
  }
  return "unknown";
}

const char* state_word(SlaveDoing doing) {
  switch (doing) {
    case SlaveDoing::authenticating: return "authenticating";
    case SlaveDoing::refused: return "invalid_version";
    case SlaveDoing::lost: return "crashed";
    case SlaveDoing::left:
    case SlaveDoing::finished: return "unbound";
    case SlaveDoing::updating:
    case SlaveDoing::building:
    case SlaveDoing::rendering:
    case SlaveDoing::idle:
    case SlaveDoing::draining:
    case SlaveDoing::silent: return "running";
  }
  return "unknown";
}

}  // namespace oct
