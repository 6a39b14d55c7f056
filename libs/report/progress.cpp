#include "report/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/plural.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

/// A piece of the bar. Those of lower rank fall away first; `before` leads where it follows another one.
struct Piece {
  int rank;
  std::string text;
  const char* before = "  ";
};

std::string cells(double part, int count) {
  const int filled = std::clamp(static_cast<int>(part / 100 * count), 0, count);
  return fmt::format("[{:#<{}}{:.<{}}]", "", filled, "", count - filled);
}

std::string network_bound_text(const NetworkTotals& network) {
  if (network.slaves_network_bound == network.slaves) return "network-bound";
  return fmt::format("network-bound {}/{}", network.slaves_network_bound, network.slaves);
}

std::string pending_text(const NetworkTotals& network) {
  return fmt::format("{}/{}", megabytes_figure(network.bytes_pending), megabytes_text(network.bytes_total));
}

const char* device_word(const NetworkTotals& network) {
  return network.devices > 0 && network.cpus == 0 ? "GPUs" : "devices";
}

// The ranks: what a glance wants to know stays longest.
enum Rank {
  kUpdated,
  kLongCells,
  kPending,
  kNetworkBound,
  kDevices,
  kSamples,
  kCells,
  kFrame,
  kSpeed,
  kLeft,
  kUpdating,
  kSlaves,
  kPercent,
};

void add_network(std::vector<Piece>& pieces, const NetworkTotals& network) {
  pieces.push_back({kSlaves, fmt::format("net: {} slave{}", network.slaves, plural(network.slaves))});
  pieces.push_back(
      {kDevices, fmt::format("{} {}/{}", device_word(network), network.devices_used, network.devices), ", "});
  pieces.push_back({kUpdating, fmt::format("updating {}", network.slaves_updating), ", "});
  pieces.push_back({kUpdated, fmt::format("updated {}", network.slaves_updated), ", "});
  pieces.push_back({kPending, pending_text(network), ", "});
  if (network.slaves_network_bound > 0) pieces.push_back({kNetworkBound, network_bound_text(network), ", "});
}

/// In the order in which they are shown.
std::vector<Piece> pieces_of(const RenderStatus& status) {
  std::vector<Piece> pieces;
  pieces.push_back({kLongCells, cells(percent(status), 20)});
  pieces.push_back({kCells, cells(percent(status), 8)});
  const int whole_percent = static_cast<int>(percent(status));
  pieces.push_back({kPercent, fmt::format("{}%", whole_percent),
                    whole_percent < 10    ? "   "
                    : whole_percent < 100 ? "  "
                                          : " "});
  if (status.frames_total > 1)
    pieces.push_back(
        {kFrame, fmt::format("frame {} ({} of {})", status.frame, status.frame_number, status.frames_total)});
  pieces.push_back(
      {kSamples, fmt::format("{}/{} spp", samples_per_pixel(status), status.samples_per_pixel_wanted)});
  pieces.push_back({kSpeed, speed_text(status.samples_per_second)});
  if (status.samples_per_second > 0) pieces.push_back({kLeft, "left " + duration_text(seconds_left(status))});
  if (status.network) add_network(pieces, *status.network);
  return pieces;
}

/// All pieces from this rank on; the short cells only where the long ones have fallen away.
std::string joined(const std::vector<Piece>& pieces, int lowest_rank) {
  std::string text;
  for (const Piece& piece : pieces) {
    const bool replaced = piece.rank == kCells && lowest_rank <= kLongCells;
    if (piece.rank < lowest_rank || replaced) continue;
    text += (text.empty() ? "" : piece.before) + piece.text;
  }
  return text;
}

}  // namespace

namespace {

/// Of the time that there is; 0 without a limit.
double time_share(const RenderStatus& status) {
  return status.time_limit ? std::min(1.0, status.seconds / std::max(1e-9, *status.time_limit)) : 0;
}

}  // namespace

/// A time limit ends the picture at a part of the samples that were asked for.
double frame_percent(const RenderStatus& status) {
  if (status.samples_wanted == 0) return 0;
  const double samples =
      static_cast<double>(status.samples_merged) / static_cast<double>(status.samples_wanted);
  return 100 * (samples >= 1 ? 1 : std::max(samples, std::min(time_share(status), 0.99)));
}

double percent(const RenderStatus& status) {
  const double before = 100.0 * (std::max(1U, status.frame_number) - 1);
  return (before + frame_percent(status)) / std::max(1U, status.frames_total);
}

std::uint32_t samples_per_pixel(const RenderStatus& status) {
  return static_cast<std::uint32_t>(status.samples_merged / std::max<std::uint64_t>(1, status.pixels));
}

double seconds_left(const RenderStatus& status) {
  if (status.samples_per_second <= 0) return 0;
  const double samples =
      static_cast<double>(status.samples_wanted - status.samples_merged) / status.samples_per_second;
  return status.time_limit ? std::min(samples, std::max(0.0, *status.time_limit - status.seconds)) : samples;
}

NetworkTotals totals_of(const std::vector<SlaveStatus>& slaves) {
  NetworkTotals totals;
  for (const SlaveStatus& slave : slaves) {
    if (!slave.connected || slave.doing == SlaveDoing::refused) continue;
    ++totals.slaves;
    totals.devices += static_cast<std::uint32_t>(slave.devices.size());
    totals.devices_used += slave.devices_used;
    totals.cpus +=
        static_cast<std::uint32_t>(std::ranges::count(slave.devices, DeviceKind::cpu, &DeviceInfo::kind));
    totals.slaves_network_bound += slave.network_bound ? 1 : 0;
    const bool updated = slave.bytes_done == slave.bytes_total;
    totals.slaves_updating += updated ? 0 : 1;
    totals.slaves_updated += updated ? 1 : 0;
    totals.bytes_total += slave.bytes_total;
    totals.bytes_pending += slave.bytes_total - slave.bytes_done;
  }
  return totals;
}

/// The last column stays free: some terminals would wrap.
std::string bar_text(const RenderStatus& status, std::size_t width) {
  const std::vector<Piece> pieces = pieces_of(status);
  for (int rank = kUpdated; rank <= kPercent; ++rank) {
    std::string text = joined(pieces, rank);
    if (text.size() < width) return text;
  }
  return fmt::format("{}%", static_cast<int>(percent(status))).substr(0, width);
}

std::vector<std::string> slave_rows(const RenderStatus& status, std::size_t rows) {
  std::vector<std::string> lines;
  for (const SlaveStatus& slave : status.slaves) {
    if (lines.size() == rows) {
      lines.push_back(fmt::format("  and {} others", status.slaves.size() - rows));
      break;
    }
    lines.push_back(fmt::format("  {:<20} {}", slave.name, doing_text(slave)));
  }
  return lines;
}

std::string plain_text(const RenderStatus& status) {
  return fmt::format("Progress: {}% frame {} ({} of {})", static_cast<int>(percent(status)), status.frame,
                     status.frame_number, status.frames_total);
}

std::string openjd_progress_line(const RenderStatus& status) {
  return fmt::format("openjd_progress: {:.1f}", std::floor(percent(status) * 10) / 10);
}

std::string openjd_status_line(const RenderStatus& status) {
  return openjd_status_line(fmt::format(
      "frame {} ({} of {}), {}/{} spp, {}", status.frame, status.frame_number, status.frames_total,
      samples_per_pixel(status), status.samples_per_pixel_wanted, speed_text(status.samples_per_second)));
}

std::string openjd_status_line(const std::string& text) {
  return "openjd_status: " + text;
}

std::string openjd_fail_line(const Error& error) {
  std::string text = error.help.empty() ? error.message : error.message + "; help: " + error.help;
  std::replace(text.begin(), text.end(), '\n', ' ');
  return "openjd_fail: " + text;
}

}  // namespace oct
