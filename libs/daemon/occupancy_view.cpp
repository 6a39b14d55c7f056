#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>

#include "daemon/occupancy.hpp"

// What others see of a daemon.

namespace oct {

std::string owner_text(const DaemonOwner& owner) {
  const bool is_v6 = owner.address.find(':') != std::string::npos;
  const std::string place = is_v6 ? fmt::format("[{}]", owner.address) : owner.address;
  return owner.port == 0 ? fmt::format("{} ({})", owner.nick, place)
                         : fmt::format("{} ({}:{})", owner.nick, place, owner.port);
}

std::string local_time_text(std::uint64_t unix_s, std::uint64_t now_unix_s) {
  const std::tm then = fmt::localtime(static_cast<std::time_t>(unix_s));
  const std::tm today = fmt::localtime(static_cast<std::time_t>(now_unix_s));
  const bool same_day = then.tm_yday == today.tm_yday && then.tm_year == today.tm_year;
  return same_day ? fmt::format("{:%H:%M}", then) : fmt::format("{:%Y-%m-%d %H:%M}", then);
}

DaemonMode Occupancy::mode(Moment now) const {
  if (is_paused(now)) return DaemonMode::paused;
  if (slave_.stage() == SlaveStage::crashed) return DaemonMode::crashed;
  if (owner_) return DaemonMode::bound;
  return !facts_ || has_slave() ? DaemonMode::unbound : DaemonMode::no_slave;
}

std::string Occupancy::pause_text() const {
  return pause_ ? pause_->text : std::string();
}

std::string Occupancy::why_no_slave() const {
  return facts_ && !has_slave() ? facts_->error().message : std::string();
}

std::string Occupancy::reason(Moment now) const {
  if (is_paused(now)) return pause_text();
  if (slave_.stage() == SlaveStage::crashed) return slave_.reason();
  return why_no_slave();
}

/// Those that its slave may use.
std::vector<DeviceInfo> Occupancy::devices() const {
  if (!has_slave()) return {};
  std::vector<DeviceInfo> gpus, others;
  for (const DeviceInfo& device : facts_->value().devices) {
    const bool gpu = device.kind == DeviceKind::cuda;
    const bool chosen = config_.gpus.empty() || std::find(config_.gpus.begin(), config_.gpus.end(),
                                                          device.index) != config_.gpus.end();
    if (!gpu || chosen) (gpu ? gpus : others).push_back(device);
  }
  if (gpus.empty() || config_.cpu) gpus.insert(gpus.end(), others.begin(), others.end());
  return gpus;
}

DaemonStatus Occupancy::status(Moment now) const {
  DaemonStatus status;
  status.mode = mode(now);
  status.id = config_.id;
  status.name = config_.name;
  status.reason = reason(now);
  if (has_slave()) status.slave_version = facts_->value().version;
  for (const DeviceInfo& device : devices()) status.gpus += device.kind == DeviceKind::cuda ? 1 : 0;
  if (owner_) status.owner = {owner_->who};
  return status;
}

DaemonDescription Occupancy::description(Moment now) const {
  DaemonDescription description;
  description.id = config_.id;
  description.name = config_.name;
  description.platform = config_.platform;
  description.mode = mode(now);
  description.reason = reason(now);
  if (has_slave()) {
    description.slave_version = facts_->value().version;
    description.slave_kernel_hash = facts_->value().kernel_hash;
    description.devices = devices();
    description.no_gpu_reason = facts_->value().no_gpu_reason;
  }
  if (owner_) description.owner = {owner_->who};
  description.slave_stage = slave_.stage();
  description.slave_starts = slave_.starts();
  if (is_paused(now)) description.paused_until_unix_s = pause_->until_unix_s;
  description.log = slave_.log();
  return description;
}

}  // namespace oct
