#include "report/activity.hpp"

#include <fmt/format.h>

#include "base/columns.hpp"
#include "base/escaped.hpp"
#include "report/name_list.hpp"

namespace oct {
namespace {

constexpr std::size_t kMostNames = 6;

/// "render2 (not seen)": those that are about to help first.
std::vector<std::string> daemons_awaited(const DaemonUse& daemons) {
  std::vector<std::string> names;
  for (const auto* list : {&daemons.coming, &daemons.others}) {
    for (const DaemonUse::Other& daemon : *list)
      names.push_back(
          fmt::format("{} ({})", daemon.name, daemon.state ? to_string(*daemon.state) : "not seen"));
  }
  return names;
}

std::string waiting_text(const SlaveWait& wait) {
  const std::vector<std::string> names = daemons_awaited(wait.daemons);
  const char* slaves = wait.wanted == 1 ? "a slave" : "slaves";
  std::string text = names.empty() ? fmt::format("Waiting for {} on port {}", slaves, wait.port)
                                   : "Waiting for " + name_list(names, kMostNames);
  if (wait.wanted > 1) text += fmt::format("; {} of {} slaves are here", wait.here, wait.wanted);
  return text;
}

/// It has leases or would take some.
bool can_render(const SlaveStatus& slave) {
  switch (slave.doing) {
    case SlaveDoing::rendering:
    case SlaveDoing::idle:
    case SlaveDoing::draining:
    case SlaveDoing::silent: return slave.connected;
    case SlaveDoing::authenticating:
    case SlaveDoing::updating:
    case SlaveDoing::building:
    case SlaveDoing::refused:
    case SlaveDoing::lost:
    case SlaveDoing::left:
    case SlaveDoing::finished: break;
  }
  return false;
}

}  // namespace

std::optional<Activity> activity_of(const RenderStatus& status) {
  if (status.waiting) return Activity{Activity::Kind::waiting, {}, {}, *status.waiting};
  Activity building{Activity::Kind::building};
  bool builds_here = false;
  for (const LocalStatus& device : status.devices) {
    if (device.usable && !device.building) return std::nullopt;
    builds_here = builds_here || device.building;
  }
  for (const SlaveStatus& slave : status.slaves) {
    if (can_render(slave)) return std::nullopt;
    if (slave.connected && slave.doing == SlaveDoing::building) building.slaves.push_back(slave.name);
  }
  if (builds_here) building.slaves.clear();
  if (!builds_here && building.slaves.empty()) return std::nullopt;
  return building;
}

std::string activity_text(const Activity& activity) {
  switch (activity.kind) {
    case Activity::Kind::loading: return "Loading " + activity.file;
    case Activity::Kind::building:
      return activity.slaves.empty() ? "Building the tree"
                                     : "Building the tree on " + name_list(activity.slaves, kMostNames);
    case Activity::Kind::waiting: return waiting_text(activity.wait);
    case Activity::Kind::writing:
      return "Writing " + (activity.file.empty() ? "the pictures" : activity.file);
  }
  return {};
}

const char* activity_word(Activity::Kind kind) {
  switch (kind) {
    case Activity::Kind::loading: return "loading";
    case Activity::Kind::building: return "building";
    case Activity::Kind::waiting: return "waiting";
    case Activity::Kind::writing: return "writing";
  }
  return "";
}

std::string activity_bar(const Activity& activity, double lasting, double percent, std::size_t width) {
  const std::string begun = percent > 0 ? fmt::format("{}%  ", static_cast<int>(percent)) : std::string();
  const std::string time = fmt::format(" ... {} s", static_cast<int>(lasting));
  const std::string text = begun + escaped(activity_text(activity));
  const std::size_t room =
      width > time.size() + 1 ? width - time.size() - 1 : 0;  // the last column stays free
  return cut_to_columns(cut_to_columns(text, room) + time, width > 0 ? width - 1 : 0);
}

std::optional<double> ActivityWatch::lasts(const Activity& activity, Instant now) {
  if (kind_ != activity.kind) {
    kind_ = activity.kind;
    since_ = now;
    told_.clear();
  }
  const double lasting = to_seconds(now - since_);
  return lasting >= 1 ? std::optional(lasting) : std::nullopt;
}

bool ActivityWatch::is_due(const std::string& text, Duration interval, Instant now) {
  if (told_ == text && now - told_at_ < interval) return false;
  told_ = text;
  told_at_ = now;
  return true;
}

}  // namespace oct
