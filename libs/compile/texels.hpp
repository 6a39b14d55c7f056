#pragma once
#include "render_data/render_data.hpp"

namespace oct {

/// Linear red, green, blue of texels of one image, for estimates. Lives as long as the data.
class TexelReader {
 public:
  TexelReader(const RenderData& data, u32 image);

  /// x < width, y < height
  Vec3 at(u32 x, u32 y) const;

  u32 width() const { return image_.width; }
  u32 height() const { return image_.height; }

 private:
  TextureImage image_;
  const u32* words_;
};

}  // namespace oct
