#include "daemon/self_description.hpp"

#include "daemon/daemon_words.hpp"

namespace oct {

DaemonMode SelfDescription::mode(Moment now) const {
  if (occupancy_.pause(now) || occupancy_.withheld()) return DaemonMode::paused;
  if (slave_.stage() == SlaveStage::crashed) return DaemonMode::crashed;
  if (occupancy_.owner()) return DaemonMode::bound;
  return !inquiry_.answer() || inquiry_.facts() ? DaemonMode::unbound : DaemonMode::no_slave;
}

std::string SelfDescription::reason(Moment now) const {
  if (const auto pause = occupancy_.pause(now)) return words_of(*pause);
  if (const auto& withheld = occupancy_.withheld()) return words_of(*withheld);
  if (slave_.stage() == SlaveStage::crashed) return words_of(slave_.mishap());
  return inquiry_.why_no_slave();
}

std::uint64_t SelfDescription::paused_until(Moment now) const {
  if (const auto pause = occupancy_.pause(now)) return pause->until_unix_s;
  return occupancy_.withheld() ? occupancy_.withheld()->until_unix_s : 0;
}

DaemonStatus SelfDescription::status(Moment now) const {
  DaemonStatus status;
  status.mode = mode(now);
  status.id = identity_.id;
  status.run = identity_.run;
  status.name = identity_.name;
  status.reason = reason(now);
  if (const SlaveFacts* facts = inquiry_.facts()) status.slave_version = facts->version;
  for (const DeviceInfo& device : inquiry_.devices())
    ++(device.kind == DeviceKind::cuda ? status.gpus : status.cpus);
  if (const auto owner = occupancy_.owner_to_tell(now)) status.owner = {*owner};
  return status;
}

DaemonDescription SelfDescription::description(Moment now) const {
  DaemonDescription description;
  description.id = identity_.id;
  description.name = identity_.name;
  description.platform = identity_.platform;
  description.mode = mode(now);
  description.reason = reason(now);
  if (const SlaveFacts* facts = inquiry_.facts()) {
    description.slave_version = facts->version;
    description.slave_kernel_hash = facts->kernel_hash;
    description.devices = inquiry_.devices();
    description.no_gpu_reason = facts->no_gpu_reason;
  }
  if (const auto owner = occupancy_.owner_to_tell(now)) description.owner = {*owner};
  description.slave_stage = slave_.stage();
  description.slave_starts = slave_.starts();
  description.paused_until_unix_s = paused_until(now);
  description.log = slave_.log();
  return description;
}

}  // namespace oct
