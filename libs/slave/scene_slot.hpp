#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.hpp"
#include "data/types.hpp"
#include "render_data/manifest.hpp"
#include "slave/want_list.hpp"
#include "wire/frame_id.hpp"
#include "wire/messages.hpp"

namespace oct {

/// What one device does with the scene of a slot.
struct DeviceOfScene {
  enum class Stage { idle, uploading, ready, failed };
  Stage stage = Stage::idle;
  std::string failure;
};

/// A scene that is on its way, or rebuilt and in use, or kept because the next one may have much in common with it. A
/// value; SlaveScenes has kSceneSlots of them.
struct SceneSlot {
  explicit SceneSlot(std::size_t device_count) : devices(device_count) {}

  /// Whether this is, or becomes, the scene of a manifest.
  bool holds(const std::vector<ArrayInfo>& other_arrays, const std::vector<ChunkId>& other_chunks) const {
    return build != 0 && !chunks.empty() && arrays == other_arrays && chunks == other_chunks;
  }
  /// Everything is here but for the rebuilding.
  bool is_whole() const {
    return begun && !rebuilding && !settings && wants.missing() == 0 && chunks_in_work == 0;
  }
  void begin(std::uint64_t new_build, std::vector<ArrayInfo> new_arrays, std::vector<ChunkId> new_chunks) {
    const FrameId its_frame = frame;
    const std::size_t device_count = devices.size();
    // What waits was never begun: there is nothing of it to forget, but what it was to replace is still there.
    const std::uint64_t replaced = waits ? replaces : build;
    *this = SceneSlot(device_count);
    frame = its_frame;
    waits = true;
    replaces = replaced;
    build = new_build;
    arrays = std::move(new_arrays);
    chunks = std::move(new_chunks);
  }
  /// Its frame needs it, and it is not here yet.
  bool is_coming() const { return frame != kNoFrame && !waits && !settings && !chunks.empty(); }
  /// No frame needs it now; a later one may.
  bool is_kept() const { return frame == kNoFrame && build != 0; }
  /// It cannot be completed: the next manifest begins anew.
  void spoil() { chunks.clear(); }

  FrameId frame =
      kNoFrame;  ///< that it is announced for; kNoFrame: kept for what it has in common with later ones
  std::uint64_t build = 0;  ///< number of the scene within this process, 0 = none
  std::vector<ArrayInfo> arrays;
  std::vector<ChunkId> chunks;
  WantList wants;
  std::size_t chunks_in_work = 0;  ///< arrived, not yet stored
  bool waits = false;              ///< to be begun: another scene is coming, which may have much of it
  bool waits_for_room = false;     ///< while it waits: until no other frame needs its scene
  bool upload_waits = false;       ///< likewise, once it is rebuilt: its trees need room, too
  std::uint64_t replaces = 0;      ///< while it waits: the build that was here before, 0 = none
  bool begun = false;              ///< there is room for the scene
  bool rebuilding = false;
  std::optional<RenderSettings> settings;  ///< once it is rebuilt
  std::uint64_t missing_bytes = 0, distinct_bytes = 0;
  std::uint64_t reported_missing = 0;
  std::vector<DeviceOfScene> devices;
  Instant last_used{};
};

}  // namespace oct
