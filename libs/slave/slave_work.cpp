#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "slave/slave_core.hpp"

// The slave's work: render data in, contributions out.

namespace oct {
namespace {

constexpr std::size_t kUnitsTogether = 32;  // of a packet: 256 kB before packing
constexpr std::uint32_t kMostJobs = 8;      // wanted of a device: its credit, and some that are just ending

}  // namespace

// Render data.

void SlaveCore::on_message(ManifestPart& message, Instant now) {
  if (stage_ != Stage::accepted) return reject("it sent a manifest before its welcome", now);
  if (message.first_chunk == 0) {
    coming_frame_ = message.frame;
    coming_arrays_ = message.arrays;
    coming_chunks_.clear();
  }
  if (message.frame != coming_frame_ || message.first_chunk != coming_chunks_.size() ||
      message.arrays != coming_arrays_ ||
      coming_chunks_.size() + message.chunks.size() > message.chunk_count || message.chunks.empty()) {
    return reject("the parts of its manifest do not fit together", now);
  }
  coming_chunks_.insert(coming_chunks_.end(), message.chunks.begin(), message.chunks.end());
  if (coming_chunks_.size() < message.chunk_count) return;
  announced(message.frame, std::exchange(coming_arrays_, {}), std::exchange(coming_chunks_, {}), now);
}

void SlaveCore::announced(FrameId frame, std::vector<ArrayInfo>&& arrays, std::vector<ChunkId>&& chunks,
                          Instant now) {
  if (frame == kNoFrame || slot_of_frame(frame) != nullptr) return reject("it announced a frame twice", now);
  const std::size_t index = slot_for(arrays, chunks);
  if (index == slots_.size()) return reject("it announced more frames than there are slots", now);
  SceneSlot& slot = slots_[index];
  slot.frame = frame;
  slot.last_used = now;
  if (!slot.holds(arrays, chunks)) begin_scene(index, std::move(arrays), std::move(chunks));
  begin_next_scene();
  if (slot.begun) report_update(slot);
  for (std::uint32_t device = 0; device < slot.devices.size(); ++device) {
    if (slot.devices[device].stage != DeviceOfScene::Stage::idle) report_device(slot, device);
  }
  ask_for_chunks();
}

/// The slot that has the scene already; else one that has none; else the one that was not used for longest.
std::size_t SlaveCore::slot_for(const std::vector<ArrayInfo>& arrays,
                                const std::vector<ChunkId>& chunks) const {
  std::size_t best = slots_.size();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].frame != kNoFrame) continue;
    if (slots_[i].holds(arrays, chunks)) return i;
    const bool is_better = best == slots_.size() || (slots_[best].build != 0 && slots_[i].build == 0) ||
                           (slots_[best].build != 0 && slots_[i].last_used < slots_[best].last_used);
    if (is_better) best = i;
  }
  return best;
}

void SlaveCore::begin_scene(std::size_t index, std::vector<ArrayInfo>&& arrays,
                            std::vector<ChunkId>&& chunks) {
  drop_jobs(static_cast<std::uint32_t>(index));
  slots_[index].begin(++last_build_, std::move(arrays), std::move(chunks));
}

/// One scene at a time, the oldest frame's first: the next one takes over what it has in common with it, and must not
/// fetch that again.
void SlaveCore::begin_next_scene() {
  SceneSlot* first = nullptr;
  for (SceneSlot& slot : slots_) {
    if (slot.is_coming()) return;
    if (slot.frame == kNoFrame || !slot.waits) continue;
    if (first == nullptr || slot.frame < first->frame) first = &slot;
  }
  if (first == nullptr) return;
  first->waits = false;
  act(BeginScene{first->build, first->arrays, first->chunks});
  if (const std::uint64_t former = std::exchange(first->replaces, 0)) act(ForgetScene{former});
}

void SlaveCore::on_event(SceneBegun& event, Instant now) {
  SceneSlot* slot = slot_of_build(event.build);
  if (slot == nullptr) return;
  if (!event.result) {
    slot->spoil();
    if (event.result.error().kind != ErrorKind::exhausted) return reject(event.result.error().message, now);
    for (std::uint32_t device = 0; device < slot->devices.size(); ++device)
      fail_device(*slot, device, event.result.error());
    begin_next_scene();
    return;
  }
  slot->begun = true;
  slot->missing_bytes = event.missing_bytes;
  slot->distinct_bytes = event.distinct_bytes;
  slot->wants.reset(event.wanted);
  report_update(*slot);
  ask_for_chunks();
  rebuild_if_whole(*slot);
}

/// One scene at a time, the oldest frame's first: what is under way must stay within the link's limit.
void SlaveCore::ask_for_chunks() {
  if (stage_ != Stage::accepted) return;
  SceneSlot* first = nullptr;
  for (SceneSlot& slot : slots_) {
    if (slot.frame == kNoFrame || slot.wants.missing() == 0) continue;
    if (first == nullptr || slot.frame < first->frame) first = &slot;
  }
  if (first == nullptr) return;
  std::vector<ChunkId> request = first->wants.next_request();
  if (request.empty()) return;
  ChunkRequest message;
  message.frame = first->frame;
  message.chunks = std::move(request);
  send(std::move(message));
}

void SlaveCore::on_message(Chunk& message, Instant now) {
  const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                 [&](SceneSlot& each) { return each.wants.arrived(message.id); });
  if (slot == slots_.end()) return reject("it sent a chunk that nobody asked for", now);
  ++slot->chunks_in_work;
  ++progress_;
  act(StoreChunk{slot->build, std::move(message)});
  ask_for_chunks();
}

void SlaveCore::on_event(ChunkStored& event, Instant now) {
  SceneSlot* slot = slot_of_build(event.build);
  if (slot == nullptr) return;
  if (!event.result) {
    slot->spoil();
    return reject(event.result.error().message, now);
  }
  --slot->chunks_in_work;
  ++progress_;
  slot->missing_bytes = event.missing_bytes;
  rebuild_if_whole(*slot);
  if (slot->missing_bytes > 0 && slot->reported_missing - slot->missing_bytes >= slot->distinct_bytes / 100)
    report_update(*slot);
}

void SlaveCore::rebuild_if_whole(SceneSlot& slot) {
  if (!slot.is_whole()) return;
  slot.rebuilding = true;
  act(RebuildScene{slot.build});
}

/// "Nothing is missing" only when everything is here and was checked.
void SlaveCore::report_update(SceneSlot& slot) {
  slot.reported_missing = slot.missing_bytes;
  if (stage_ != Stage::accepted || slot.frame == kNoFrame) return;
  UpdateReport report;
  report.frame = slot.frame;
  report.bytes_total = slot.distinct_bytes;
  report.bytes_missing = slot.settings ? 0 : std::max<std::uint64_t>(1, slot.missing_bytes);
  send(std::move(report));
}

void SlaveCore::on_event(SceneRebuilt& event, Instant now) {
  SceneSlot* slot = slot_of_build(event.build);
  if (slot == nullptr) return;
  slot->rebuilding = false;
  if (!event.settings) {
    slot->spoil();
    return reject(event.settings.error().message, now);
  }
  ++progress_;
  slot->settings = *event.settings;
  report_update(*slot);
  for (std::uint32_t device = 0; device < slot->devices.size(); ++device) {
    slot->devices[device].stage = DeviceOfScene::Stage::uploading;
    act(UploadScene{device, number_of(*slot), slot->build});
    report_device(*slot, device);
  }
  begin_next_scene();
}

void SlaveCore::on_event(DeviceUploaded& event, Instant) {
  SceneSlot* slot = slot_of_build(event.build);
  if (slot == nullptr) return;
  ++progress_;
  if (!event.result) return fail_device(*slot, event.device, event.result.error());
  slot->devices[event.device].stage = DeviceOfScene::Stage::ready;
  report_device(*slot, event.device);
}

void SlaveCore::report_device(const SceneSlot& slot, std::uint32_t index) {
  if (stage_ != Stage::accepted || slot.frame == kNoFrame) return;
  const DeviceOfScene& device = slot.devices[index];
  DeviceReport report;
  report.frame = slot.frame;
  report.device = index;
  report.state = device.stage == DeviceOfScene::Stage::ready    ? DeviceState::ready
                 : device.stage == DeviceOfScene::Stage::failed ? DeviceState::failed
                                                                : DeviceState::building;
  report.text = device.failure;
  send(std::move(report));
}

void SlaveCore::fail_device(SceneSlot& slot, std::uint32_t index, const Error& error) {
  slot.devices[index].stage = DeviceOfScene::Stage::failed;
  slot.devices[index].failure = error.message;
  act(Say{fmt::format("{} is left out: {}", config_.devices[index].name, error.message)});
  report_device(slot, index);
  if (is_useless()) give_up(error);
}

/// No device here can render any of the frames that were announced.
bool SlaveCore::is_useless() const {
  return std::none_of(slots_.begin(), slots_.end(), [](const SceneSlot& slot) {
    return slot.frame != kNoFrame && slot.build != 0 &&
           std::any_of(slot.devices.begin(), slot.devices.end(), [](const DeviceOfScene& device) {
             return device.stage != DeviceOfScene::Stage::failed;
           });
  });
}

SceneSlot* SlaveCore::slot_of_build(std::uint64_t build) {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [&](const SceneSlot& slot) { return slot.build == build; });
  return found == slots_.end() ? nullptr : &*found;
}

SceneSlot* SlaveCore::slot_of_frame(FrameId frame) {
  if (frame == kNoFrame) return nullptr;
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [&](const SceneSlot& slot) { return slot.frame == frame; });
  return found == slots_.end() ? nullptr : &*found;
}

/// The scene is kept: the next one has most of it in common.
void SlaveCore::on_message(FrameEnd& message, Instant now) {
  SceneSlot* slot = slot_of_frame(message.frame);
  if (slot == nullptr) return;
  drop_jobs(number_of(*slot));
  slot->wants.connection_lost();  // the master sends nothing more of it
  slot->frame = kNoFrame;
  slot->last_used = now;
  const bool other_frame = std::any_of(slots_.begin(), slots_.end(),
                                       [](const SceneSlot& other) { return other.frame != kNoFrame; });
  if (other_frame && is_useless())
    return give_up({ErrorKind::exhausted, "no device here can render the next frame", {}});
  begin_next_scene();
  ask_for_chunks();
}

/// Nothing here can render this scene: another slave may.
void SlaveCore::give_up(const Error& error) {
  cancel_jobs();
  end_after_close_ = true;
  end_code_ = ExitCode::device;
  end_error_ = error;
  if (stage_ != Stage::accepted) return end(end_code_, end_error_);
  Goodbye goodbye;
  goodbye.reason = GoodbyeReason::failed;
  goodbye.text = error.message;
  send(std::move(goodbye));
  act(FinishMaster{});
  stage_ = Stage::closing;
}

// Leases.

void SlaveCore::on_message(LeaseGrant& message, Instant now) {
  if (stage_ != Stage::accepted) return reject("it granted a lease before its welcome", now);
  const SceneSlot* slot = slot_of_frame(message.frame);
  if (slot == nullptr) return;  // it has ended
  if (!slot->settings || !is_lease_valid(message, *slot->settings))
    return reject("it granted a lease that cannot be rendered", now);
  const DeviceOfScene& device = slot->devices[message.device];
  if (stopping_) return hand_back(message, "this slave is leaving");
  if (device.stage == DeviceOfScene::Stage::failed) return hand_back(message, device.failure);
  if (device.stage != DeviceOfScene::Stage::ready)
    return reject("it granted a lease to a device that is not ready", now);
  if (jobs_wanted_of(message.device) >= kMostJobs)
    return reject("it granted more leases than the device has credit for", now);

  const std::uint64_t id = next_job_++;
  Job job;
  job.lease = message.lease;
  job.frame = message.frame;
  job.slot = number_of(*slot);
  job.device = message.device;
  job.units_left = message.units.size();
  jobs_.emplace(id, std::move(job));
  act(RenderUnits{message.device, number_of(*slot), Lease{id, std::move(message.units)}});
}

/// Leases of frames that have ended do not count: they may end one after the other while the device is busy with a
/// single unit.
std::uint32_t SlaveCore::jobs_wanted_of(std::uint32_t device) const {
  return static_cast<std::uint32_t>(std::count_if(jobs_.begin(), jobs_.end(), [&](const auto& entry) {
    return entry.second.device == device && entry.second.lease != 0;
  }));
}

void SlaveCore::hand_back(const LeaseGrant& grant, const std::string& why) {
  LeaseReturn back;
  back.lease = grant.lease;
  back.text = why;
  send(std::move(back));
}

bool SlaveCore::is_lease_valid(const LeaseGrant& grant, const RenderSettings& settings) const {
  if (grant.lease == 0 || grant.device >= config_.devices.size() || grant.units.empty()) return false;
  const std::uint32_t tiles = tile_count(settings);
  const std::uint32_t passes = pass_count(settings);
  return std::all_of(grant.units.begin(), grant.units.end(), [&](const UnitRange& units) {
    return units.tile < tiles && units.first_pass < units.last_pass && units.last_pass <= passes;
  });
}

void SlaveCore::on_message(LeaseRecall& message, Instant) {
  for (auto& [id, job] : jobs_) {
    if (job.lease != message.lease) continue;
    job.recalled = true;
    act(CancelJob{job.device, id});
  }
}

void SlaveCore::on_event(UnitsFinished& event, Instant now) {
  ++progress_;
  const auto found = jobs_.find(event.job);
  if (found == jobs_.end() || found->second.lease == 0) return;
  Job& job = found->second;
  if (job.finished.empty()) job.oldest = now;
  job.finished.push_back(std::move(event.contribution));
  if (job.units_left > 0) --job.units_left;
  if (job.units_left == 0 || job.finished.size() >= kUnitsTogether) flush(job);
}

void SlaveCore::flush(Job& job) {
  if (job.finished.empty() || stage_ != Stage::accepted) return;
  act(SendContributions{job.lease, job.frame, std::exchange(job.finished, {})});
}

/// Their results are of no use to anybody.
void SlaveCore::drop_jobs(std::uint32_t slot) {
  for (auto& [id, job] : jobs_) {
    if (job.slot != slot || job.lease == 0) continue;
    job.lease = 0;
    job.finished.clear();
    act(CancelJob{job.device, id});
  }
}

void SlaveCore::on_event(JobEnded& event, Instant) {
  const auto found = jobs_.find(event.job);
  if (found == jobs_.end()) return;
  Job job = std::move(found->second);
  jobs_.erase(found);
  if (job.lease != 0 && stage_ == Stage::accepted) {
    flush(job);
    if (job.units_left > 0) {
      LeaseReturn back;
      back.lease = job.lease;
      back.text = stopping_      ? "this slave is leaving"
                  : job.recalled ? "recalled"
                                 : "the device did not finish it";
      send(std::move(back));
    }
  }
  if (!event.result && event.result.error().kind != ErrorKind::cancelled)
    fail_device(slots_[job.slot], job.device, event.result.error());
  leave_if_idle();
}

}  // namespace oct
