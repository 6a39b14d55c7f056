#pragma once

namespace oct::test {

/// Film hash of the small room at 40 x 20, 20 samples, 8 bounces, under every compiler, system and device.
/// Changes with every change of what kernels compute; then look at the picture, and replace it in a commit of
/// its own that says why the new picture is right.
inline constexpr const char* kSmallRoomFilm =
    "e8729cbab04155e904931c46ecff95781fd2ae1118903f71c6b720d0cb7db8ae";

/// The same of the layered room.
inline constexpr const char* kLayeredRoomFilm =
    "7c7e19eaf882d5e95b7d181bd2d2ec8a997d13738dae8ef9506d51b0dfd37c38";

}  // namespace oct::test
