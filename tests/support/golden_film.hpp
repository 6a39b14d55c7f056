#pragma once

namespace oct::test {

/// Film hash of the small room at 40 x 20, 20 samples, 8 bounces, under every compiler, system and device.
/// Changes with every change of what kernels compute; then look at the picture, and replace it in a commit of
/// its own that says why the new picture is right.
inline constexpr const char* kSmallRoomFilm =
    "e8729cbab04155e904931c46ecff95781fd2ae1118903f71c6b720d0cb7db8ae";

/// The same of the layered room.
inline constexpr const char* kLayeredRoomFilm =
    "a19427c8d7be5d18aeb8f5fb18053ebce9f23132d1557ab9e426dd92be5c94e3";

}  // namespace oct::test
