#include "slave/slave_jobs.hpp"

#include <algorithm>
#include <utility>

namespace oct {
namespace {

constexpr std::size_t kUnitsTogether = 32;  // of a packet: 256 kB before packing
constexpr std::uint32_t kMostJobs = 8;      // wanted of a device: its credit, and some that are just ending
constexpr Duration kLongestHeld = milliseconds(100);  // a finished unit waits for others
constexpr const char* kLeaving = "this slave is leaving";

bool is_valid(const LeaseGrant& grant, const RenderSettings& settings, std::size_t devices) {
  if (grant.lease == 0 || grant.device >= devices || grant.units.empty()) return false;
  const std::uint32_t tiles = tile_count(settings);
  const std::uint32_t passes = pass_count(settings);
  return std::all_of(grant.units.begin(), grant.units.end(), [&](const UnitRange& units) {
    return units.tile < tiles && units.first_pass < units.last_pass && units.last_pass <= passes;
  });
}

}  // namespace

std::optional<MasterAtFault> SlaveJobs::begin(LeaseGrant&& grant, const SceneSlot& slot,
                                              std::uint32_t slot_number) {
  if (!slot.settings || !is_valid(grant, *slot.settings, slot.devices.size()))
    return MasterAtFault{"it granted a lease that cannot be rendered"};
  const DeviceOfScene& device = slot.devices[grant.device];
  if (leaving_) return hand_back(grant.lease, kLeaving), std::nullopt;
  if (device.stage == DeviceOfScene::Stage::failed)
    return hand_back(grant.lease, device.failure), std::nullopt;
  if (device.stage != DeviceOfScene::Stage::ready)
    return MasterAtFault{"it granted a lease to a device that is not ready"};
  if (wanted_of(grant.device) >= kMostJobs)
    return MasterAtFault{"it granted more leases than the device has credit for"};

  const std::uint64_t id = next_job_++;
  Job job;
  job.lease = grant.lease;
  job.frame = grant.frame;
  job.slot = slot_number;
  job.device = grant.device;
  job.units_left = grant.units.size();
  jobs_.emplace(id, std::move(job));
  outbox_.act(RenderUnits{grant.device, slot_number, Lease{id, std::move(grant.units)}});
  return std::nullopt;
}

/// Leases of frames that have ended do not count: they may end one after the other while the device is busy with a
/// single unit.
std::uint32_t SlaveJobs::wanted_of(std::uint32_t device) const {
  return static_cast<std::uint32_t>(std::count_if(jobs_.begin(), jobs_.end(), [&](const auto& entry) {
    return entry.second.device == device && entry.second.lease != 0;
  }));
}

void SlaveJobs::hand_back(std::uint64_t lease, const std::string& why) {
  LeaseReturn back;
  back.lease = lease;
  back.text = why;
  outbox_.send(std::move(back));
}

void SlaveJobs::recall(std::uint64_t lease) {
  for (auto& [id, job] : jobs_) {
    if (job.lease != lease) continue;
    job.recalled = true;
    outbox_.act(CancelJob{job.device, id});
  }
}

void SlaveJobs::finished(UnitsFinished&& event, Instant now) {
  ++progress_;
  const auto found = jobs_.find(event.job);
  if (found == jobs_.end() || found->second.lease == 0) return;
  Job& job = found->second;
  if (job.finished.empty()) job.oldest = now;
  job.finished.push_back(std::move(event.contribution));
  if (job.units_left > 0) --job.units_left;
  if (job.units_left == 0 || job.finished.size() >= kUnitsTogether) flush(job);
}

void SlaveJobs::flush(Job& job) {
  if (job.finished.empty() || !outbox_.is_open()) return;
  outbox_.act(SendContributions{job.lease, job.frame, std::exchange(job.finished, {})});
}

void SlaveJobs::flush_overdue(Instant now) {
  for (auto& [id, job] : jobs_) {
    if (!job.finished.empty() && now - job.oldest >= kLongestHeld) flush(job);
  }
}

std::optional<SlaveJobs::FailedDevice> SlaveJobs::ended(const JobEnded& event) {
  const auto found = jobs_.find(event.job);
  if (found == jobs_.end()) return std::nullopt;
  Job job = std::move(found->second);
  jobs_.erase(found);
  if (job.lease != 0 && outbox_.is_open()) {
    flush(job);
    const char* why = leaving_ ? kLeaving : job.recalled ? "recalled" : "the device did not finish it";
    if (job.units_left > 0) hand_back(job.lease, why);
  }
  if (event.result || event.result.error().kind == ErrorKind::cancelled) return std::nullopt;
  return FailedDevice{job.slot, job.device, event.result.error()};
}

void SlaveJobs::give_up(std::uint32_t device) {
  for (auto& [id, job] : jobs_) {
    if (job.device != device || job.lease == 0 || !outbox_.is_open()) continue;
    flush(job);
    if (job.units_left > 0) hand_back(job.lease, "the device hangs");
  }
  std::erase_if(jobs_, [&](const auto& entry) { return entry.second.device == device; });
}

void SlaveJobs::drop(std::uint32_t slot) {
  for (auto& [id, job] : jobs_) {
    if (job.slot != slot || job.lease == 0) continue;
    job.lease = 0;
    job.finished.clear();
    outbox_.act(CancelJob{job.device, id});
  }
}

void SlaveJobs::cancel_all() {
  for (auto& [id, job] : jobs_) outbox_.act(CancelJob{job.device, id});
}

void SlaveJobs::leave() {
  leaving_ = true;
  cancel_all();
}

void SlaveJobs::connection_lost() {
  leaving_ = false;
  for (auto& [id, job] : jobs_) {
    job.lease = 0;
    job.finished.clear();
  }
  cancel_all();
}

}  // namespace oct
