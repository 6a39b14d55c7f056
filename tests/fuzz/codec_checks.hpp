#pragma once
#include "base/check.hpp"
#include "codec/picture.hpp"

// What holds for every picture that a decoder lets through, whatever the file was.

namespace oct {

inline void check_consistent(const Picture& picture) {
  const std::size_t pixels = std::size_t{picture.width} * picture.height;
  OCT_CHECK(pixels > 0 && pixels <= kMaxPicturePixels);
  const std::size_t integers = picture.rgba8.size() + picture.rgba16.size();
  OCT_CHECK(picture.rgba8.empty() || picture.rgba16.empty());
  OCT_CHECK((integers == pixels * 4 && picture.rgb_float.empty()) ||
            (integers == 0 && picture.rgb_float.size() == pixels * 3));
}

/// A probe that succeeds tells the size of what is decoded.
inline void check_decoder(ByteView input, Result<PictureShape> (*probe)(ByteView),
                          Result<Picture> (*decode)(ByteView)) {
  const Result<PictureShape> shape = probe(input);
  constexpr std::uint64_t kLargest = 1 << 20;  // larger ones only take time
  if (shape && std::uint64_t{shape->width} * shape->height > kLargest) return;
  const Result<Picture> picture = decode(input);
  if (!picture) return;
  check_consistent(*picture);
  OCT_CHECK(shape && shape->width == picture->width && shape->height == picture->height);
}

}  // namespace oct
