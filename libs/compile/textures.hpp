#pragma once
#include <map>
#include <optional>
#include <vector>

#include "base/hash.hpp"
#include "base/thread_pool.hpp"
#include "render_data/limits.hpp"
#include "render_data/render_data.hpp"
#include "scene/pose.hpp"

namespace oct {

/// What the numbers of an image mean where it is used.
enum class TexelUse { color, numbers };

/// Collects the images and texture slots that materials use. The same image used as colour (sRGB) and as
/// numbers (linear) becomes two, equal ones become one.
class TextureTable {
 public:
  /// Checks the images of `scene`, which must outlive the table.
  static Result<TextureTable> make(const PosedScene& scene, ThreadPool& pool);

  /// Index into texture_slots.
  Result<u32> add_slot(const SceneTexture& texture, TexelUse use, RenderData& data);
  /// Index into texture_images.
  Result<u32> add_image(std::size_t image, TexelUse use, RenderData& data);
  /// Writes the texels of the images that were added since the last time.
  void fill(ThreadPool& pool, RenderData& data);

 private:
  struct ImageKey {
    Digest content;
    u32 width, height;
    TexelFormat format;
    auto operator<=>(const ImageKey&) const = default;
  };

  /// An image whose texels are still to be written.
  struct Unfilled {
    const SceneImage* image;
    std::size_t first_word;
  };

  const PosedScene* scene_ = nullptr;
  std::vector<Digest> contents_;  ///< of each image of the scene; zero where no other one has its size
  std::size_t word_count_ = 0;    ///< texels of all images of the scene
  std::size_t words_added_ = 0;   ///< of those that were added
  std::vector<Unfilled> unfilled_;
  std::map<ImageKey, u32> images_;
  std::map<Digest, u32> slots_;
};

/// Render data with this image and nothing else in it.
RenderData image_alone(const SceneImage& image, TexelUse use);

/// A finite factor or texel of light in [0, kLargestRadiance]; what is below 1e-30 or not a number is black,
/// so that its luminance never vanishes before it does.
float clean_radiance(float value);
Vec3 clean_radiance(Vec3 value);

}  // namespace oct
