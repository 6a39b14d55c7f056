#pragma once
#include <cstdint>
#include <optional>
#include <utility>

#include "master/frame_pool.hpp"
#include "master/ledger.hpp"
#include "master/served_scene.hpp"
#include "wire/frame_id.hpp"

namespace oct {

/// What belongs to one picture: what is merged, what is free, and what slaves may fetch for it. Everything that
/// outlives a picture (links, devices and their speeds, the lease counter) is MasterCore's. A value.
struct FrameCore {
  FrameCore(FrameId frame_id, const RenderSettings& settings, ServedScene served)
      : id(frame_id), scene(std::move(served)), ledger(settings), pool(ledger) {}

  FrameId id;
  ServedScene scene;
  Ledger ledger;
  FramePool pool;
  /// Once every sample is merged: Auditor::units_chosen() then.
  std::optional<std::uint64_t> chosen_before_complete;
};

}  // namespace oct
