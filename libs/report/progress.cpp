#include "report/progress.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/plural.hpp"
#include "report/words.hpp"

namespace oct {
namespace {

constexpr int kBarCells = 20;

std::string cells(double part) {
  const int filled = std::clamp(static_cast<int>(part / 100 * kBarCells), 0, kBarCells);
  return fmt::format("[{:#<{}}{:.<{}}]", "", filled, "", kBarCells - filled);
}

std::string network_bound_text(const NetworkTotals& network) {
  if (network.slaves_network_bound == 0) return {};
  if (network.slaves_network_bound == network.slaves) return ", network-bound";
  return fmt::format(", network-bound {}/{}", network.slaves_network_bound, network.slaves);
}

std::string network_text(const NetworkTotals& network) {
  const std::uint64_t pending = (network.bytes_pending + 500'000) / 1'000'000;
  return fmt::format("net: {} slave{}, GPUs {}/{}, updating {}, updated {}, {}/{}{}", network.slaves,
                     plural(network.slaves), network.devices_used, network.devices, network.slaves_updating,
                     network.slaves_updated, pending, megabytes_text(network.bytes_total),
                     network_bound_text(network));
}

}  // namespace

double frame_percent(const RenderStatus& status) {
  return status.samples_wanted == 0 ? 0
                                    : 100.0 * static_cast<double>(status.samples_merged) /
                                          static_cast<double>(status.samples_wanted);
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
  return static_cast<double>(status.samples_wanted - status.samples_merged) / status.samples_per_second;
}

NetworkTotals totals_of(const std::vector<SlaveStatus>& slaves) {
  NetworkTotals totals;
  for (const SlaveStatus& slave : slaves) {
    if (!slave.connected || slave.doing == SlaveDoing::refused) continue;
    ++totals.slaves;
    totals.devices += static_cast<std::uint32_t>(slave.devices.size());
    totals.devices_used += slave.devices_used;
    totals.slaves_network_bound += slave.network_bound ? 1 : 0;
    const bool updated = slave.bytes_done == slave.bytes_total;
    totals.slaves_updating += updated ? 0 : 1;
    totals.slaves_updated += updated ? 1 : 0;
    totals.bytes_total += slave.bytes_total;
    totals.bytes_pending += slave.bytes_total - slave.bytes_done;
  }
  return totals;
}

std::string bar_text(const RenderStatus& status, std::size_t width) {
  const int whole_percent = static_cast<int>(percent(status));
  std::string text = fmt::format("{} {:>3}%", cells(percent(status)), whole_percent);
  std::vector<std::string> parts;
  if (status.frames_total > 1)
    parts.push_back(
        fmt::format("frame {} ({} of {})", status.frame, status.frame_number, status.frames_total));
  parts.push_back(fmt::format("{}/{} spp", samples_per_pixel(status), status.samples_per_pixel_wanted));
  parts.push_back(speed_text(status.samples_per_second));
  if (status.samples_per_second > 0) parts.push_back("left " + duration_text(seconds_left(status)));
  if (status.network) parts.push_back(network_text(*status.network));
  for (const std::string& part : parts) {
    if (text.size() + 2 + part.size() >= width)
      break;  // the last column stays free: some terminals would wrap
    text += "  " + part;
  }
  if (text.size() >= width) text = fmt::format("{}%", whole_percent).substr(0, width);
  return text;
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

}  // namespace oct
