#pragma once
#include <cstdint>

namespace oct {

/// One picture of a session: the master counts them from 1 and never uses a number again while it runs. It names
/// the picture's scene too, since camera and settings are part of the render data. Not the number of a frame of
/// an animation, which is RenderSettings::frame.
using FrameId = std::uint32_t;
inline constexpr FrameId kNoFrame = 0;

/// Frames whose scenes a device can hold at a time: the one that is rendered, and the next.
inline constexpr std::uint32_t kSceneSlots = 2;

}  // namespace oct
