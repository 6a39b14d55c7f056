#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "data/types.hpp"
#include "film/image.hpp"
#include "film/tone_map.hpp"

namespace oct {

enum class PictureFormat {
  png8,       ///< tone-mapped, sRGB, 8 bits
  png16,      ///< tone-mapped, sRGB, 16 bits
  exr,        ///< scene-linear Rec.709
  exr_toned,  ///< exposure and curve applied, display-linear
};

enum class ExrType { half, single };

/// One file to write.
struct PictureOutput {
  std::string path;
  PictureFormat format = PictureFormat::png8;
  ExrType exr_type = ExrType::half;
};

/// What is written into the file beside the pixels: nothing of users, hosts or paths.
struct PictureMetadata {
  /// Keys such as octane/samples with their values, in order; EXR string attributes and PNG text.
  std::vector<std::pair<std::string, std::string>> texts;
  std::optional<Camera> camera;  ///< EXR: worldToCamera and worldToNDC
  double frames_per_second = 0;  ///< EXR: framesPerSecond; 0 = left out
};

/// The keys of a finished picture, in the order in which they are written.
std::vector<std::pair<std::string, std::string>> picture_texts(const std::string& scene_name,
                                                               const RenderSettings& settings,
                                                               const std::string& film_hash,
                                                               const std::string& render_key);

/// The bytes of a file in the given format. `internal` when a library refuses.
Result<Bytes> encode_picture(const Image& image, const ToneMap& tone_map, const PictureOutput& output,
                             const PictureMetadata& metadata);

/// Encodes and writes it under a temporary name, then renames it. Slow (0.3 s for 1080p): never on the
/// network's thread.
Result<void> write_picture(const Image& image, const ToneMap& tone_map, const PictureOutput& output,
                           const PictureMetadata& metadata);

/// Everything that `inspect` shows of a PNG or EXR file: size, channels, and all texts. Bad files give
/// invalid_input. Safe to show: valid UTF-8 without control characters, long texts cut.
Result<std::vector<std::pair<std::string, std::string>>> inspect_picture(const std::string& path);
Result<std::vector<std::pair<std::string, std::string>>> inspect_picture(ByteView file);

}  // namespace oct
