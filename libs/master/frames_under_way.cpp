#include "master/frames_under_way.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.hpp"

namespace oct {

FrameCore& FramesUnderWay::add(FrameId id, const RenderSettings& settings, ServedScene scene,
                               StopRules rules) {
  OCT_CHECK(id != kNoFrame && (frames_.empty() || id > frames_.rbegin()->first));
  return frames_
      .emplace(std::piecewise_construct, std::forward_as_tuple(id),
               std::forward_as_tuple(id, settings, std::move(scene), std::move(rules)))
      .first->second;
}

FrameCore* FramesUnderWay::take_slot() {
  const auto free = std::find(slots_.begin(), slots_.end(), kNoFrame);
  if (free == slots_.end()) return nullptr;
  for (auto& [id, frame] : frames_) {
    if (has_slot(id)) continue;
    *free = id;
    return &frame;
  }
  return nullptr;
}

void FramesUnderWay::end(FrameId id) {
  if (const auto number = slot(id)) slots_[*number] = kNoFrame;
  frames_.erase(id);
}

const FrameCore* FramesUnderWay::find(FrameId id) const {
  const auto found = frames_.find(id);
  return found == frames_.end() ? nullptr : &found->second;
}

std::vector<FrameId> FramesUnderWay::with_slot() const {
  std::vector<FrameId> ids;
  for (const auto& [id, frame] : frames_) {
    if (has_slot(id)) ids.push_back(id);
  }
  return ids;
}

std::uint32_t FramesUnderWay::slot_of(FrameId id) const {
  const auto number = slot(id);
  OCT_CHECK(number.has_value());
  return *number;
}

std::optional<std::uint32_t> FramesUnderWay::slot(FrameId id) const {
  const auto found = std::find(slots_.begin(), slots_.end(), id);
  if (found == slots_.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - slots_.begin());
}

}  // namespace oct
