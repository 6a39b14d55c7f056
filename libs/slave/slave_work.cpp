#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "slave/slave_core.hpp"

// The slave's work: render data in, contributions out.

namespace oct {
namespace {

constexpr std::size_t kUnitsTogether = 32;  // of a packet: 256 kB before packing
constexpr std::uint32_t kMostJobs = 8;      // of a device: its credit, and some that are just ending

}  // namespace

// Render data.

void SlaveCore::on_message(ManifestPart& message, Instant now) {
  if (stage_ != Stage::accepted) return reject("it sent a manifest before its welcome", now);
  if (message.first_chunk == 0) {
    coming_arrays_ = message.arrays;
    coming_chunks_.clear();
  }
  if (message.first_chunk != coming_chunks_.size() || message.arrays != coming_arrays_ ||
      coming_chunks_.size() + message.chunks.size() > message.chunk_count || message.chunks.empty()) {
    return reject("the parts of its manifest do not fit together", now);
  }
  coming_chunks_.insert(coming_chunks_.end(), message.chunks.begin(), message.chunks.end());
  if (coming_chunks_.size() < message.chunk_count) return;

  scene_ = message.scene;
  const bool same = coming_arrays_ == arrays_ && coming_chunks_ == chunks_;
  if (!same) begin_scene(std::move(coming_arrays_), std::move(coming_chunks_));
  coming_arrays_.clear();
  coming_chunks_.clear();
  if (begun_) report_update();
  for (std::uint32_t device = 0; device < devices_.size(); ++device) {
    if (devices_[device].stage != DeviceStage::idle) report_device(device);
  }
  ask_for_chunks();
}

void SlaveCore::begin_scene(std::vector<ArrayInfo>&& arrays, std::vector<ChunkId>&& chunks) {
  for (auto& [id, job] : jobs_) job.lease = 0;  // they belong to the former scene
  cancel_jobs();
  ++build_;
  arrays_ = std::move(arrays);
  chunks_ = std::move(chunks);
  settings_.reset();
  begun_ = rebuilding_ = false;
  chunks_in_work_ = 0;
  wants_.reset({});
  for (DeviceOfScene& device : devices_) device.stage = DeviceStage::idle;
  act(BeginScene{build_, arrays_, chunks_});
}

void SlaveCore::on_event(SceneBegun& event, Instant now) {
  if (event.build != build_) return;
  if (!event.result) {
    chunks_.clear();
    if (event.result.error().kind == ErrorKind::exhausted) return give_up(event.result.error());
    return reject(event.result.error().message, now);
  }
  begun_ = true;
  missing_bytes_ = event.missing_bytes;
  distinct_bytes_ = event.distinct_bytes;
  wants_.reset(event.wanted);
  report_update();
  ask_for_chunks();
  rebuild_if_whole();
}

void SlaveCore::ask_for_chunks() {
  if (stage_ != Stage::accepted || scene_ == 0) return;
  std::vector<ChunkId> request = wants_.next_request();
  if (request.empty()) return;
  ChunkRequest message;
  message.scene = scene_;
  message.chunks = std::move(request);
  send(std::move(message));
}

void SlaveCore::on_message(Chunk& message, Instant now) {
  if (!wants_.arrived(message.id)) return reject("it sent a chunk that nobody asked for", now);
  ++chunks_in_work_;
  ++progress_;
  act(StoreChunk{build_, std::move(message)});
  ask_for_chunks();
}

void SlaveCore::on_event(ChunkStored& event, Instant now) {
  if (event.build != build_) return;
  if (!event.result) {
    chunks_.clear();  // it cannot be completed
    return reject(event.result.error().message, now);
  }
  --chunks_in_work_;
  ++progress_;
  missing_bytes_ = event.missing_bytes;
  rebuild_if_whole();
  if (missing_bytes_ > 0 && reported_missing_ - missing_bytes_ >= distinct_bytes_ / 100) report_update();
}

void SlaveCore::rebuild_if_whole() {
  if (!begun_ || rebuilding_ || settings_ || wants_.missing() > 0 || chunks_in_work_ > 0) return;
  rebuilding_ = true;
  act(RebuildScene{build_});
}

/// "Nothing is missing" only when everything is here and was checked.
void SlaveCore::report_update() {
  if (stage_ != Stage::accepted || scene_ == 0) return;
  UpdateReport report;
  report.scene = scene_;
  report.bytes_total = distinct_bytes_;
  report.bytes_missing = settings_ ? 0 : std::max<std::uint64_t>(1, missing_bytes_);
  reported_missing_ = missing_bytes_;
  send(std::move(report));
}

void SlaveCore::on_event(SceneRebuilt& event, Instant now) {
  if (event.build != build_) return;
  rebuilding_ = false;
  if (!event.settings) {
    chunks_.clear();
    return reject(event.settings.error().message, now);
  }
  ++progress_;
  settings_ = *event.settings;
  report_update();
  for (std::uint32_t device = 0; device < devices_.size(); ++device) {
    devices_[device].stage = DeviceStage::uploading;
    act(UploadScene{device, build_});
    report_device(device);
  }
}

void SlaveCore::on_event(DeviceUploaded& event, Instant) {
  if (event.build != build_) return;
  ++progress_;
  if (!event.result) return fail_device(event.device, event.result.error());
  devices_[event.device].stage = DeviceStage::ready;
  report_device(event.device);
}

void SlaveCore::report_device(std::uint32_t index) {
  if (stage_ != Stage::accepted || scene_ == 0) return;
  const DeviceOfScene& device = devices_[index];
  DeviceReport report;
  report.scene = scene_;
  report.device = index;
  report.state = device.stage == DeviceStage::ready    ? DeviceState::ready
                 : device.stage == DeviceStage::failed ? DeviceState::failed
                                                       : DeviceState::building;
  report.text = device.failure;
  send(std::move(report));
}

void SlaveCore::fail_device(std::uint32_t index, const Error& error) {
  devices_[index].stage = DeviceStage::failed;
  devices_[index].failure = error.message;
  act(Say{fmt::format("{} is left out: {}", config_.devices[index].name, error.message)});
  report_device(index);
  const bool none_left = std::all_of(devices_.begin(), devices_.end(), [](const DeviceOfScene& device) {
    return device.stage == DeviceStage::failed;
  });
  if (none_left) give_up(error);
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
  if (message.scene != scene_) return;
  if (!is_lease_valid(message)) return reject("it granted a lease that cannot be rendered", now);
  DeviceOfScene& device = devices_[message.device];
  if (stopping_ || device.stage == DeviceStage::failed) {
    LeaseReturn back;
    back.lease = message.lease;
    back.text = stopping_ ? "this slave is leaving" : device.failure;
    return send(std::move(back));
  }
  if (device.stage != DeviceStage::ready)
    return reject("it granted a lease to a device that is not ready", now);
  if (device.jobs >= kMostJobs) return reject("it granted more leases than the device has credit for", now);

  if (device.jobs == 0) device.last_finished = now;
  ++device.jobs;
  const std::uint64_t id = next_job_++;
  Job job;
  job.lease = message.lease;
  job.device = message.device;
  job.units_left = message.units.size();
  jobs_.emplace(id, std::move(job));
  act(RenderUnits{message.device, Lease{id, std::move(message.units)}});
}

bool SlaveCore::is_lease_valid(const LeaseGrant& grant) const {
  if (grant.lease == 0 || grant.device >= devices_.size() || grant.units.empty() || !settings_) return false;
  const std::uint32_t tiles = tile_count(*settings_);
  const std::uint32_t passes = pass_count(*settings_);
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
  DeviceOfScene& device = devices_[job.device];
  job.busy += now - device.last_finished;
  device.last_finished = now;
  if (job.finished.empty()) job.oldest = now;
  job.finished.push_back(std::move(event.contribution));
  if (job.units_left > 0) --job.units_left;
  if (job.units_left == 0 || job.finished.size() >= kUnitsTogether) flush(job);
}

void SlaveCore::flush(Job& job) {
  if (job.finished.empty() || stage_ != Stage::accepted) return;
  const auto busy_us = std::chrono::duration_cast<std::chrono::microseconds>(job.busy).count();
  act(SendContributions{job.lease, static_cast<std::uint64_t>(busy_us), std::exchange(job.finished, {})});
  job.busy = {};
}

void SlaveCore::on_event(JobEnded& event, Instant) {
  const auto found = jobs_.find(event.job);
  if (found == jobs_.end()) return;
  Job job = std::move(found->second);
  jobs_.erase(found);
  --devices_[job.device].jobs;
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
    fail_device(job.device, event.result.error());
  leave_if_idle();
}

}  // namespace oct
