#include "slave/slave_scenes.hpp"

#include <algorithm>
#include <utility>

#include "device/device_info.hpp"
#include "slave/slave_words.hpp"

namespace oct {
namespace {

template <class Value>
bool is_cancelled(const Result<Value>& result) {
  return !result && result.error().kind == ErrorKind::cancelled;
}

}  // namespace

SlaveScenes::SlaveScenes(const std::vector<DeviceInfo>& devices, SlaveJobs& jobs, SlaveOutbox& outbox)
    : jobs_(jobs), outbox_(outbox), slots_(kSceneSlots, SceneSlot(devices.size())) {
  for (const DeviceInfo& device : devices) device_words_.push_back(device_word(device));
}

// From the manifest to the render data.

std::optional<SlaveTrouble> SlaveScenes::announce(ManifestPart&& part, Instant now) {
  if (part.first_chunk == 0) {
    coming_frame_ = part.frame;
    coming_arrays_ = part.arrays;
    coming_chunks_.clear();
  }
  if (part.frame != coming_frame_ || part.first_chunk != coming_chunks_.size() ||
      part.arrays != coming_arrays_ || coming_chunks_.size() + part.chunks.size() > part.chunk_count ||
      part.chunks.empty()) {
    return MasterAtFault{"the parts of its manifest do not fit together"};
  }
  coming_chunks_.insert(coming_chunks_.end(), part.chunks.begin(), part.chunks.end());
  if (coming_chunks_.size() < part.chunk_count) return std::nullopt;
  return announced(part.frame, std::exchange(coming_arrays_, {}), std::exchange(coming_chunks_, {}), now);
}

std::optional<SlaveTrouble> SlaveScenes::announced(FrameId frame, std::vector<ArrayInfo>&& arrays,
                                                   std::vector<ChunkId>&& chunks, Instant now) {
  if (frame == kNoFrame || of_frame(frame) != nullptr) return MasterAtFault{"it announced a frame twice"};
  const std::size_t index = slot_for(arrays, chunks);
  if (index == slots_.size()) return MasterAtFault{"it announced more frames than there are slots"};
  SceneSlot& slot = slots_[index];
  slot.frame = frame;
  slot.last_used = now;
  if (!slot.holds(arrays, chunks)) {
    jobs_.drop(number_of(slot));
    slot.begin(++last_build_, std::move(arrays), std::move(chunks));
  }
  begin_next();
  rebuild_if_whole(slot);
  if (slot.begun) report_update(slot);
  for (std::uint32_t device = 0; device < slot.devices.size(); ++device) {
    if (slot.devices[device].stage != DeviceOfScene::Stage::idle) report_device(slot, device);
  }
  std::optional<SlaveTrouble> trouble;
  if (slot.settings) trouble = upload_where_idle(slot);
  const bool all_are_lost = !lost_.empty() && lost_.size() == slot.devices.size();
  if (!trouble && all_are_lost) return NothingToOffer{lost_.begin()->second};
  ask_for_chunks();
  return trouble;
}

/// The slot that has the scene already; else one that has none; else the one that was not used for longest.
std::size_t SlaveScenes::slot_for(const std::vector<ArrayInfo>& arrays,
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

/// One scene at a time, the oldest frame's first: the next one takes over what it has in common with it, and must not
/// fetch that again.
void SlaveScenes::begin_next() {
  SceneSlot* first = nullptr;
  for (SceneSlot& slot : slots_) {
    if (slot.is_coming()) return;
    if (slot.frame == kNoFrame || !slot.waits || (slot.waits_for_room && is_other_in_use(slot))) continue;
    if (first == nullptr || slot.frame < first->frame) first = &slot;
  }
  if (first == nullptr) return;
  first->waits = first->waits_for_room = false;
  const std::uint64_t former = std::exchange(first->replaces, 0);
  outbox_.act(BeginScene{first->build, first->arrays, first->chunks, former});
  if (former != 0) outbox_.act(ForgetScene{former});
}

std::optional<SlaveTrouble> SlaveScenes::begun(SceneBegun&& event) {
  SceneSlot* slot = of_build(event.build);
  if (slot == nullptr) return std::nullopt;
  if (!event.result) return no_room(*slot, event.result.error());
  if (event.is_memory_short && slot->frame != kNoFrame && !drop_kept() && is_other_in_use(*slot)) {
    // There is room as soon as that frame has ended.
    outbox_.act(ForgetScene{slot->build});
    slot->waits = slot->waits_for_room = true;
    return std::nullopt;
  }
  slot->begun = true;
  slot->missing_bytes = event.missing_bytes;
  slot->distinct_bytes = event.distinct_bytes;
  slot->wants.reset(event.wanted);
  report_update(*slot);
  ask_for_chunks();
  rebuild_if_whole(*slot);
  return std::nullopt;
}

/// Whether another scene is that of a frame, and cannot give way.
bool SlaveScenes::is_other_in_use(const SceneSlot& slot) const {
  return std::ranges::any_of(slots_, [&](const SceneSlot& other) {
    return &other != &slot && other.frame != kNoFrame && !other.waits;
  });
}

/// Scenes that are kept for later ones give way to one that needs their room; it has taken over what it has in common with
/// them. False when there was none.
bool SlaveScenes::drop_kept() {
  bool any = false;
  for (SceneSlot& slot : slots_) {
    if (!slot.is_kept()) continue;
    any = true;
    drop(slot);
  }
  return any;
}

void SlaveScenes::drop(SceneSlot& slot) {
  outbox_.act(ForgetScene{slot.build});
  if (slot.replaces != 0) outbox_.act(ForgetScene{slot.replaces});
  for (std::uint32_t device = 0; device < slot.devices.size(); ++device) {
    if (slot.devices[device].stage == DeviceOfScene::Stage::idle) continue;
    if (slot.devices[device].stage == DeviceOfScene::Stage::uploading)
      outbox_.act(CancelUpload{device, slot.build});
    outbox_.act(ReleaseSlot{device, number_of(slot)});
  }
  slot = SceneSlot(slot.devices.size());
}

/// What was asked for still comes, and is dropped.
std::optional<SlaveTrouble> SlaveScenes::no_room(SceneSlot& slot, const Error& error) {
  const bool may_begin_again = slot.frame != kNoFrame && !slot.begun;
  if (error.kind == ErrorKind::exhausted && may_begin_again && drop_kept()) {
    outbox_.act(BeginScene{slot.build, slot.arrays, slot.chunks});
    return std::nullopt;
  }
  slot.spoil();
  slot.wants.give_up();
  if (error.kind != ErrorKind::exhausted) return MasterAtFault{error.message};
  std::optional<SlaveTrouble> trouble;
  for (std::uint32_t device = 0; device < slot.devices.size(); ++device)
    trouble = fail_device(slot, device, error);
  begin_next();
  return trouble;
}

/// One scene at a time, the oldest frame's first: what is under way must stay within the link's limit.
void SlaveScenes::ask_for_chunks() {
  if (!outbox_.is_open()) return;
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
  outbox_.send(std::move(message));
}

std::optional<SlaveTrouble> SlaveScenes::store(Chunk&& chunk) {
  const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                 [&](SceneSlot& each) { return each.wants.arrived(chunk.id); });
  if (slot == slots_.end()) return MasterAtFault{"it sent a chunk that nobody asked for"};
  ++slot->chunks_in_work;
  ++progress_;
  outbox_.act(StoreChunk{slot->build, std::move(chunk)});
  ask_for_chunks();
  return std::nullopt;
}

std::optional<SlaveTrouble> SlaveScenes::stored(const ChunkStored& event) {
  SceneSlot* slot = of_build(event.build);
  if (slot == nullptr) return std::nullopt;
  if (!event.result) return no_room(*slot, event.result.error());
  --slot->chunks_in_work;
  ++progress_;
  slot->missing_bytes = event.missing_bytes;
  rebuild_if_whole(*slot);
  if (slot->missing_bytes > 0 && slot->reported_missing - slot->missing_bytes >= slot->distinct_bytes / 100)
    report_update(*slot);
  return std::nullopt;
}

void SlaveScenes::rebuild_if_whole(SceneSlot& slot) {
  if (!slot.is_whole()) return;
  slot.rebuilding = true;
  outbox_.act(RebuildScene{slot.build});
}

/// "Nothing is missing" only when everything is here and was checked.
void SlaveScenes::report_update(SceneSlot& slot) {
  slot.reported_missing = slot.missing_bytes;
  if (!outbox_.is_open() || slot.frame == kNoFrame) return;
  UpdateReport report;
  report.frame = slot.frame;
  report.bytes_total = slot.distinct_bytes;
  report.bytes_missing = slot.settings ? 0 : std::max<std::uint64_t>(1, slot.missing_bytes);
  outbox_.send(std::move(report));
}

std::optional<SlaveTrouble> SlaveScenes::rebuilt(const SceneRebuilt& event) {
  SceneSlot* slot = of_build(event.build);
  if (slot == nullptr) return std::nullopt;
  slot->rebuilding = false;
  if (is_cancelled(event.settings)) {
    if (slot->frame != kNoFrame) rebuild_if_whole(*slot);  // the master came back meanwhile
    return std::nullopt;
  }
  if (!event.settings) return no_room(*slot, event.settings.error());
  ++progress_;
  slot->settings = *event.settings;
  report_update(*slot);
  std::optional<SlaveTrouble> trouble;
  if (slot->frame != kNoFrame) {
    slot->upload_waits = event.is_memory_short && !drop_kept() && is_other_in_use(*slot);
    trouble = upload_where_idle(*slot);
  }
  begin_next();
  return trouble;
}

std::optional<SlaveTrouble> SlaveScenes::upload_where_idle(SceneSlot& slot) {
  if (slot.upload_waits && is_other_in_use(slot)) return std::nullopt;
  slot.upload_waits = false;
  std::optional<SlaveTrouble> trouble;
  for (std::uint32_t device = 0; device < slot.devices.size(); ++device) {
    if (slot.devices[device].stage != DeviceOfScene::Stage::idle) continue;
    if (const auto lost = lost_.find(device); lost != lost_.end()) {
      trouble = fail_device(slot, device, lost->second);
      continue;
    }
    slot.devices[device].stage = DeviceOfScene::Stage::uploading;
    outbox_.act(UploadScene{device, number_of(slot), slot.build});
    report_device(slot, device);
  }
  return trouble;
}

/// A frame has ended, and its scene gives way.
std::optional<SlaveTrouble> SlaveScenes::upload_what_waits() {
  std::optional<SlaveTrouble> trouble;
  for (SceneSlot& slot : slots_) {
    if (slot.frame == kNoFrame || !slot.upload_waits) continue;
    drop_kept();
    if (auto found = upload_where_idle(slot)) trouble = std::move(found);
  }
  return trouble;
}

std::optional<SlaveTrouble> SlaveScenes::uploaded(const DeviceUploaded& event) {
  SceneSlot* slot = of_build(event.build);
  if (slot == nullptr) return std::nullopt;
  ++progress_;
  if (is_cancelled(event.result)) {
    slot->devices[event.device].stage = DeviceOfScene::Stage::idle;
    if (slot->frame != kNoFrame) return upload_where_idle(*slot);  // the master came back meanwhile
    return std::nullopt;
  }
  if (!event.result && event.result.error().kind == ErrorKind::exhausted && slot->frame != kNoFrame &&
      drop_kept()) {
    outbox_.act(UploadScene{event.device, number_of(*slot), slot->build});
    return std::nullopt;
  }
  if (!event.result) return fail_device(*slot, event.device, event.result.error());
  slot->devices[event.device].stage = DeviceOfScene::Stage::ready;
  report_device(*slot, event.device);
  return std::nullopt;
}

void SlaveScenes::report_device(const SceneSlot& slot, std::uint32_t index) {
  if (!outbox_.is_open() || slot.frame == kNoFrame) return;
  const DeviceOfScene& device = slot.devices[index];
  DeviceReport report;
  report.frame = slot.frame;
  report.device = index;
  report.state = device.stage == DeviceOfScene::Stage::ready    ? DeviceState::ready
                 : device.stage == DeviceOfScene::Stage::failed ? DeviceState::failed
                                                                : DeviceState::building;
  report.text = device.failure;
  outbox_.send(std::move(report));
}

std::optional<SlaveTrouble> SlaveScenes::fail_device(SceneSlot& slot, std::uint32_t index,
                                                     const Error& error) {
  if (slot.frame == kNoFrame) {  // nobody waits for it; the next one may have room
    slot.devices[index] = DeviceOfScene();
    return std::nullopt;
  }
  DeviceOfScene& device = slot.devices[index];
  if (device.stage == DeviceOfScene::Stage::failed) return std::nullopt;  // with another of its leases
  device.stage = DeviceOfScene::Stage::failed;
  device.failure = left_out_text(error.message, device_words_[index], others_of(slot, index));
  outbox_.act(Say{DeviceLeftOut{device.failure, error.help}});
  report_device(slot, index);
  if (can_render_nothing()) return NothingToOffer{error};
  return std::nullopt;
}

std::optional<SlaveTrouble> SlaveScenes::device_lost(std::uint32_t device, const Error& error) {
  if (!lost_.emplace(device, error).second) return std::nullopt;
  std::optional<SlaveTrouble> trouble;
  for (SceneSlot& slot : slots_) {
    if (slot.build == 0 || slot.devices[device].stage == DeviceOfScene::Stage::idle) continue;
    if (auto found = fail_device(slot, device, error)) trouble = std::move(found);
  }
  if (!trouble && is_wanted() && can_render_nothing())
    return NothingToOffer{error};  // before a scene has come
  return trouble;
}

/// Whether a master has announced a frame.
bool SlaveScenes::is_wanted() const {
  return std::any_of(slots_.begin(), slots_.end(),
                     [](const SceneSlot& slot) { return slot.frame != kNoFrame; });
}

std::vector<std::string> SlaveScenes::others_of(const SceneSlot& slot, std::uint32_t device) const {
  std::vector<std::string> words;
  for (std::uint32_t other = 0; other < slot.devices.size(); ++other) {
    if (other != device && !lost_.contains(other) &&
        slot.devices[other].stage != DeviceOfScene::Stage::failed)
      words.push_back(device_words_[other]);
  }
  return words;
}

/// No device here can render any of the frames that were announced.
bool SlaveScenes::can_render_nothing() const {
  return std::none_of(slots_.begin(), slots_.end(), [&](const SceneSlot& slot) {
    if (slot.frame == kNoFrame || slot.build == 0) return false;
    for (std::uint32_t device = 0; device < slot.devices.size(); ++device) {
      if (slot.devices[device].stage != DeviceOfScene::Stage::failed && !lost_.contains(device)) return true;
    }
    return false;
  });
}

std::optional<SlaveTrouble> SlaveScenes::end_frame(FrameId frame, Instant now) {
  const SceneSlot* found = of_frame(frame);
  if (found == nullptr) return std::nullopt;
  SceneSlot* slot = &slots_[number_of(*found)];
  jobs_.drop(number_of(*slot));
  slot->wants.connection_lost();  // the master sends nothing more of it
  slot->frame = kNoFrame;
  slot->last_used = now;
  const bool other_frame = std::any_of(slots_.begin(), slots_.end(),
                                       [](const SceneSlot& other) { return other.frame != kNoFrame; });
  if (other_frame && can_render_nothing())
    return NothingToOffer{{ErrorKind::exhausted, "no device here can render the next frame", {}}};
  std::optional<SlaveTrouble> trouble = upload_what_waits();
  begin_next();
  ask_for_chunks();
  return trouble;
}

/// What is under way is of no use to anybody before a master asks for it again. What is here stays.
void SlaveScenes::connection_lost() {
  for (SceneSlot& slot : slots_) {
    slot.wants.connection_lost();
    slot.frame = kNoFrame;
    if (slot.rebuilding) outbox_.act(CancelRebuild{slot.build});
    for (std::uint32_t device = 0; device < slot.devices.size(); ++device) {
      if (slot.devices[device].stage == DeviceOfScene::Stage::uploading)
        outbox_.act(CancelUpload{device, slot.build});
      if (slot.devices[device].stage == DeviceOfScene::Stage::failed)
        slot.devices[device] = DeviceOfScene();  // it is tried again for the next master
    }
  }
  coming_chunks_.clear();
}

SceneSlot* SlaveScenes::of_build(std::uint64_t build) {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(), [&](const SceneSlot& slot) { return slot.build == build; });
  return found == slots_.end() ? nullptr : &*found;
}

bool SlaveScenes::has_frame() const {
  return std::any_of(slots_.begin(), slots_.end(),
                     [](const SceneSlot& slot) { return slot.frame != kNoFrame; });
}

const SceneSlot* SlaveScenes::of_frame(FrameId frame) const {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const SceneSlot& slot) {
    return frame != kNoFrame && slot.frame == frame;
  });
  return found == slots_.end() ? nullptr : &*found;
}

}  // namespace oct
