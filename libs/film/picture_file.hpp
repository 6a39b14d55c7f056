#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_sink.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/thread_pool.hpp"
#include "data/types.hpp"
#include "film/image.hpp"
#include "film/picture_rows.hpp"
#include "film/render_key.hpp"
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

/// invalid_input when two of the files are one, output error unless they can be written; their folders are created.
Result<void> check_outputs(const std::vector<PictureOutput>& outputs);

/// What is written into the file beside the pixels: nothing of users, hosts or paths.
struct PictureMetadata {
  /// Keys such as octane/samples, in order: numbers in EXR (int where it holds them, else double), text in
  /// PNG.
  std::vector<std::pair<std::string, std::int64_t>> numbers;
  std::vector<std::pair<std::string, std::string>> texts;  ///< EXR string attributes and PNG text
  std::optional<Camera> camera;                            ///< EXR: worldToCamera and worldToNDC
  double frames_per_second = 0;                            ///< EXR: framesPerSecond; 0 = left out
};

/// What the picture of a film says of itself. octane/samples is the number of samples that every pixel has
/// had on average, rounded down: the one asked for when the film is complete, and only then.
PictureMetadata picture_metadata(const FilmSource& source, const Film& film, const Digest& film_hash);

/// The same of a complete picture whose samples a rule has ended; `octane/until` is the rule and the most samples that a
/// pixel could have had: "noise 0.02, at most 4096 spp". An empty rule adds nothing.
PictureMetadata with_rule(PictureMetadata metadata, const std::string& rule, std::uint32_t samples_per_pixel);

/// The value of octane/until; empty for an empty rule.
std::string until_text(const std::string& rule, std::uint32_t samples_per_pixel);

/// The same for a picture in this format: one that is made for a display also says how, as `octane/exposure` (the
/// factor that was asked for, or "auto") and `octane/toneCurve`.
PictureMetadata with_display(PictureMetadata metadata, PictureFormat format, const ToneMap& asked_for);

/// Writes a scene-linear picture as a file of the given format, a few rows at a time: beside the picture's
/// own rows it needs some 2 MB, and 10 MB for each thread of a pool. The bytes are the same with a pool and without.
/// `internal` when a library refuses, else errors of the sink.
Result<void> encode_picture(ByteSink& sink, const PictureRows& scene, const ToneMap& tone_map,
                            const PictureOutput& output, const PictureMetadata& metadata,
                            ThreadPool* pool = nullptr);
/// The bytes of the file.
Result<Bytes> encode_picture(const Image& image, const ToneMap& tone_map, const PictureOutput& output,
                             const PictureMetadata& metadata);

/// Encodes into output.path, which appears when it is complete (stream_file_by_renaming); an output error, too,
/// where memory is short. Slow: never on the network's thread.
Result<void> write_picture(const PictureRows& scene, const ToneMap& tone_map, const PictureOutput& output,
                           const PictureMetadata& metadata, ThreadPool* pool = nullptr);
Result<void> write_picture(const Image& image, const ToneMap& tone_map, const PictureOutput& output,
                           const PictureMetadata& metadata);

/// Everything that `inspect` shows of a PNG or EXR file: size, channels, and all texts. Bad files give
/// invalid_input. Safe to show: valid UTF-8 without control characters, long texts cut.
Result<std::vector<std::pair<std::string, std::string>>> inspect_picture(const std::string& path);
Result<std::vector<std::pair<std::string, std::string>>> inspect_picture(ByteView file);

}  // namespace oct
