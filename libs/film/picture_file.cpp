#include "film/picture_file.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/version.hpp"
#include "exr/exr_header.hpp"
#include "film/exr.hpp"
#include "film/png.hpp"
#include "wire/limits.hpp"
#include "wire/text.hpp"

namespace oct {
namespace {

constexpr std::size_t kLongestText = 4096;  // bytes of an attribute that are shown

}  // namespace

std::vector<std::pair<std::string, std::string>> picture_texts(const std::string& scene_name,
                                                               const RenderSettings& settings,
                                                               const std::string& film_hash,
                                                               const std::string& render_key) {
  return {{"octane/version", fmt::format("{}", kVersion)},
          {"octane/scene", scene_name},
          {"octane/frame", fmt::format("{}", settings.frame)},
          {"octane/samples", fmt::format("{}", settings.samples_per_pixel)},
          {"octane/seed", fmt::format("{}", settings.seed)},
          {"octane/filmHash", film_hash},
          {"octane/renderKey", render_key}};
}

Result<Bytes> encode_picture(const Image& image, const ToneMap& tone_map, const PictureOutput& output,
                             const PictureMetadata& metadata) {
  if (output.format == PictureFormat::exr) return encode_exr(image, output.exr_type, metadata);
  const Image display = tone_mapped(image, tone_map);
  if (output.format == PictureFormat::exr_toned) return encode_exr(display, output.exr_type, metadata);
  const int bits = output.format == PictureFormat::png8 ? 8 : 16;
  return encode_png(image.width, image.height, bits, srgb_code_values(display, bits), metadata.texts);
}

Result<void> write_picture(const Image& image, const ToneMap& tone_map, const PictureOutput& output,
                           const PictureMetadata& metadata) {
  OCT_TRY_ASSIGN(const Bytes file, encode_picture(image, tone_map, output, metadata));
  return write_file_by_renaming(output.path, file);
}

Result<std::vector<std::pair<std::string, std::string>>> inspect_picture(const std::string& path) {
  OCT_TRY_ASSIGN(const Bytes file, read_file(path));
  auto texts = inspect_picture(ByteView(file));
  if (!texts) return fail(texts.error().kind, fmt::format("{}: {}", path, texts.error().message));
  return texts;
}

Result<std::vector<std::pair<std::string, std::string>>> inspect_picture(ByteView file) {
  OCT_TRY_ASSIGN(auto texts, is_exr(file) ? inspect_exr(file) : inspect_png(file));
  for (auto& [key, value] : texts) {  // of any file: they must not move a cursor
    key = clean_text(key, kMaxNameBytes);
    value = clean_text(value, kLongestText);
  }
  return texts;
}

}  // namespace oct
