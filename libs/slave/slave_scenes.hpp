#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "slave/scene_slot.hpp"
#include "slave/slave_events.hpp"
#include "slave/slave_jobs.hpp"
#include "slave/slave_outbox.hpp"
#include "slave/slave_trouble.hpp"

namespace oct {

/// The scenes of a slave's slots, from the manifest to the devices that have them: which scene gets which slot, what is
/// asked for, when it is rebuilt and uploaded, what is reported of it. Pure; one thread; time is a parameter.
class SlaveScenes {
 public:
  /// `jobs` and `outbox` must outlive it.
  SlaveScenes(const std::vector<DeviceInfo>& devices, SlaveJobs& jobs, SlaveOutbox& outbox);

  // What the master says. Nothing to return: all is well.
  std::optional<SlaveTrouble> announce(ManifestPart&& part, Instant now);
  std::optional<SlaveTrouble> store(Chunk&& chunk);
  /// The scene is kept: the next one may have most of it in common.
  std::optional<SlaveTrouble> end_frame(FrameId frame, Instant now);
  void connection_lost();

  // What happens here.
  std::optional<SlaveTrouble> begun(SceneBegun&& event);
  std::optional<SlaveTrouble> stored(const ChunkStored& event);
  std::optional<SlaveTrouble> rebuilt(const SceneRebuilt& event);
  std::optional<SlaveTrouble> uploaded(const DeviceUploaded& event);
  std::optional<SlaveTrouble> device_failed(std::uint32_t slot, std::uint32_t device, const Error& error) {
    return fail_device(slots_[slot], device, error);
  }
  /// It is of no use to this process any more, whatever the scene.
  std::optional<SlaveTrouble> device_lost(std::uint32_t device, const Error& error);

  /// Whether the master has announced one that has not ended.
  bool has_frame() const;
  /// nullptr when no slot has it.
  const SceneSlot* of_frame(FrameId frame) const;
  std::uint32_t number_of(const SceneSlot& slot) const {
    return static_cast<std::uint32_t>(&slot - slots_.data());
  }
  std::uint64_t progress() const { return progress_; }

 private:
  std::optional<SlaveTrouble> announced(FrameId frame, std::vector<ArrayInfo>&& arrays,
                                        std::vector<ChunkId>&& chunks, Instant now);
  std::size_t slot_for(const std::vector<ArrayInfo>& arrays, const std::vector<ChunkId>& chunks) const;
  void begin_next();
  bool is_other_in_use(const SceneSlot& slot) const;
  std::optional<SlaveTrouble> upload_what_waits();
  bool drop_kept();
  void drop(SceneSlot& slot);
  std::optional<SlaveTrouble> no_room(SceneSlot& slot, const Error& error);
  void rebuild_if_whole(SceneSlot& slot);
  std::optional<SlaveTrouble> upload_where_idle(SceneSlot& slot);
  std::vector<std::string> others_of(const SceneSlot& slot, std::uint32_t device) const;
  void ask_for_chunks();
  void report_update(SceneSlot& slot);
  void report_device(const SceneSlot& slot, std::uint32_t device);
  std::optional<SlaveTrouble> fail_device(SceneSlot& slot, std::uint32_t device, const Error& error);
  bool is_wanted() const;
  bool can_render_nothing() const;
  SceneSlot* of_build(std::uint64_t build);

  std::vector<std::string> device_words_;  ///< "GPU 0"
  std::map<std::uint32_t, Error> lost_;    ///< devices, and by what
  SlaveJobs& jobs_;
  SlaveOutbox& outbox_;

  // The manifest as its parts arrive.
  FrameId coming_frame_ = kNoFrame;
  std::vector<ArrayInfo> coming_arrays_;
  std::vector<ChunkId> coming_chunks_;

  std::vector<SceneSlot> slots_;
  std::uint64_t last_build_ = 0;
  std::uint64_t progress_ = 0;
};

}  // namespace oct
