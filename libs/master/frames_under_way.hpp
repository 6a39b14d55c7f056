#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "master/frame_core.hpp"

namespace oct {

/// The frames of a session that have been added and have not ended. The oldest kSceneSlots of them have a scene slot
/// on every device: those are under way, the others wait. Frames stay where they are until they end. Pure.
class FramesUnderWay {
 public:
  /// `id` must be larger than all before. It waits for a slot.
  FrameCore& add(FrameId id, const RenderSettings& settings, ServedScene scene, StopRules rules = {});
  /// The oldest frame that waits gets a free slot; nullptr when there is none of either.
  FrameCore* take_slot();
  void end(FrameId id);

  bool empty() const { return frames_.empty(); }
  FrameCore& at(FrameId id) { return frames_.at(id); }
  const FrameCore* find(FrameId id) const;
  FrameId oldest() const { return frames_.begin()->first; }
  std::map<FrameId, FrameCore>& all() { return frames_; }

  /// Those that have a slot, the oldest first.
  std::vector<FrameId> with_slot() const;
  bool has_slot(FrameId id) const { return slot(id).has_value(); }
  /// The slot of one that has it.
  std::uint32_t slot_of(FrameId id) const;

 private:
  std::optional<std::uint32_t> slot(FrameId id) const;

  std::map<FrameId, FrameCore> frames_;
  std::array<FrameId, kSceneSlots> slots_{};  ///< kNoFrame = free
};

}  // namespace oct
