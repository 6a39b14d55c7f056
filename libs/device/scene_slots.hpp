#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "base/check.hpp"
#include "device/device.hpp"

namespace oct {

/// What a device holds for each of its scene slots. Whoever renders keeps a scene alive by its pointer. Any
/// thread.
template <class Scene>
class SceneSlots {
 public:
  /// Null for an empty slot.
  std::shared_ptr<const Scene> get(std::uint32_t slot) const {
    OCT_CHECK(slot < kSceneSlots);
    const std::lock_guard lock(mutex_);
    return scenes_[slot];
  }

  /// Returns the former scene.
  std::shared_ptr<const Scene> set(std::uint32_t slot, std::shared_ptr<const Scene> scene) {
    OCT_CHECK(slot < kSceneSlots);
    const std::lock_guard lock(mutex_);
    return std::exchange(scenes_[slot], std::move(scene));
  }

 private:
  mutable std::mutex mutex_;  // guards scenes_
  std::array<std::shared_ptr<const Scene>, kSceneSlots> scenes_;
};

}  // namespace oct
