#include "film/picture_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <new>

#include "base/file.hpp"
#include "base/output_help.hpp"
#include "base/output_names.hpp"
#include "base/version.hpp"
#include "codec/exr.hpp"
#include "film/exr.hpp"
#include "film/png.hpp"
#include "wire/limits.hpp"
#include "wire/text.hpp"

namespace oct {
namespace {

constexpr std::size_t kLongestText = 4096;  // bytes of an attribute that are shown

}  // namespace

Result<void> check_outputs(const std::vector<PictureOutput>& outputs) {
  OutputNames names;
  for (const PictureOutput& output : outputs) OCT_TRY(names.add("an output", output.path));
  for (const PictureOutput& output : outputs) OCT_TRY(check_writable(output.path));
  return {};
}

PictureMetadata picture_metadata(const FilmSource& source, const Film& film, const Digest& film_hash) {
  const RenderSettings& settings = film.settings();
  const std::uint64_t pixels = std::uint64_t{settings.width} * settings.height;
  PictureMetadata metadata;
  metadata.numbers = {{"octane/version", kVersion},
                      {"octane/frame", settings.frame},
                      {"octane/samples", static_cast<std::int64_t>(film.samples_merged() / pixels)},
                      {"octane/seed", settings.seed}};
  metadata.texts = {{"octane/scene", clean_text(source.scene_name, kMaxNameBytes)},
                    {"octane/filmHash", film_hash.short_text()},
                    {"octane/renderKey", render_key(source, settings).short_text()}};
  metadata.camera = source.camera;
  metadata.frames_per_second = source.frames_per_second;
  return metadata;
}

std::string until_text(const std::string& rule, std::uint32_t samples_per_pixel) {
  return rule.empty() ? rule : fmt::format("{}, at most {} spp", rule, samples_per_pixel);
}

PictureMetadata with_rule(PictureMetadata metadata, const std::string& rule,
                          std::uint32_t samples_per_pixel) {
  if (!rule.empty()) metadata.texts.emplace_back("octane/until", until_text(rule, samples_per_pixel));
  return metadata;
}

PictureMetadata with_display(PictureMetadata metadata, PictureFormat format, const ToneMap& asked_for) {
  if (format == PictureFormat::exr) return metadata;  // scene-linear, as the film is
  metadata.texts.emplace_back("octane/exposure",
                              asked_for.auto_exposure ? "auto" : fmt::format("{}", asked_for.exposure));
  metadata.texts.emplace_back("octane/toneCurve", to_string(asked_for.curve));
  return metadata;
}

Result<void> encode_picture(ByteSink& sink, const PictureRows& scene, const ToneMap& tone_map,
                            const PictureOutput& output, const PictureMetadata& metadata, ThreadPool* pool) {
  if (output.format == PictureFormat::exr) return encode_exr(sink, scene, output.exr_type, metadata, pool);
  const TonedRows display(scene, tone_map);
  if (output.format == PictureFormat::exr_toned)
    return encode_exr(sink, display, output.exr_type, metadata, pool);
  PictureTexts texts;
  for (const auto& [key, value] : metadata.numbers) texts.emplace_back(key, fmt::format("{}", value));
  texts.insert(texts.end(), metadata.texts.begin(), metadata.texts.end());
  return encode_png(sink, display, output.format == PictureFormat::png8 ? 8 : 16, texts, pool);
}

Result<Bytes> encode_picture(const Image& image, const ToneMap& tone_map, const PictureOutput& output,
                             const PictureMetadata& metadata) {
  MemorySink sink;
  OCT_TRY(encode_picture(sink, ImageRows(image), tone_map, output, metadata));
  return sink.take();
}

Result<void> write_picture(const PictureRows& scene, const ToneMap& tone_map, const PictureOutput& output,
                           const PictureMetadata& metadata, ThreadPool* pool) {
  try {
    return stream_file_by_renaming(output.path, [&](ByteSink& sink) {
      return encode_picture(sink, scene, tone_map, output, metadata, pool);
    });
  } catch (const std::bad_alloc&) {  // the film is still there, and may be kept
    return fail(ErrorKind::output, fmt::format("{}: not enough memory", output.path), output_help(ENOMEM));
  }
}

Result<void> write_picture(const Image& image, const ToneMap& tone_map, const PictureOutput& output,
                           const PictureMetadata& metadata) {
  return write_picture(ImageRows(image), tone_map, output, metadata);
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
