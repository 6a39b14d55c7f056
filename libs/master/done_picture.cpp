#include "master/done_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/file.hpp"
#include "base/output_target.hpp"
#include "codec/exr.hpp"
#include "codec/png.hpp"

namespace oct {
namespace {

std::string value_of(const PictureTexts& texts, std::string_view key) {
  const auto found =
      std::find_if(texts.begin(), texts.end(), [&](const auto& text) { return text.first == key; });
  return found == texts.end() ? std::string() : found->second;
}

/// "R half, G half, ..." of an EXR, "8" bits of a PNG: inspect_picture has one of the two.
bool has_types(const PictureTexts& texts, const PictureOutput& output) {
  const std::string bits = value_of(texts, "bits"), channels = value_of(texts, "channels");
  switch (output.format) {
    case PictureFormat::png8: return bits == "8";
    case PictureFormat::png16: return bits == "16";
    case PictureFormat::exr:
    case PictureFormat::exr_toned: {
      const bool is_half = channels.find("R half") != std::string::npos;
      return !channels.empty() && is_half == (output.exr_type == ExrType::half);
    }
  }
  return false;
}

/// A scene-linear picture has no word of exposure.
bool is_shown_as_wanted(const PictureTexts& texts, const PictureOutput& output, const ToneMap& tone_map) {
  const PictureTexts display = with_display({}, output.format, tone_map).texts;
  return std::ranges::all_of(std::initializer_list<const char*>{"octane/exposure", "octane/toneCurve"},
                             [&](const char* key) { return value_of(texts, key) == value_of(display, key); });
}

/// Where a rule has ended the samples, their number is whatever came of it.
bool has_samples(const PictureTexts& texts, const WantedPicture& wanted) {
  if (value_of(texts, "octane/until") != until_text(wanted.until, wanted.samples_per_pixel)) return false;
  return !wanted.until.empty() ||
         value_of(texts, "octane/samples") == fmt::format("{}", wanted.samples_per_pixel);
}

/// Per pixel, on average.
std::uint32_t samples_of(const PictureTexts& texts) {
  const std::string text = value_of(texts, "octane/samples");
  std::uint32_t samples = 0;
  std::from_chars(text.data(), text.data() + text.size(), samples);
  return samples;
}

/// The header comes first in a file: a copy that broke off, or was overwritten, has it all the same.
bool is_whole(ByteView file, PictureFormat format) {
  const bool is_exr = format == PictureFormat::exr || format == PictureFormat::exr_toned;
  return is_exr ? decode_exr(file).has_value() : decode_png(file).has_value();
}

bool is_file(const std::string& path) {
  const auto target = find_output_target(path);
  return target && target->exists && target->kind == OutputTarget::Kind::file;
}

}  // namespace

std::optional<std::string> film_hash_if_wanted(const PictureTexts& texts, const PictureOutput& output,
                                               const WantedPicture& wanted) {
  const std::string hash = value_of(texts, "octane/filmHash");
  const bool is_wanted = value_of(texts, "octane/renderKey") == wanted.render_key.short_text() &&
                         has_samples(texts, wanted) && has_types(texts, output) &&
                         is_shown_as_wanted(texts, output, wanted.tone_map);
  return is_wanted && !hash.empty() ? std::optional(hash) : std::nullopt;
}

std::optional<DonePicture> find_done(const std::vector<PictureOutput>& outputs, const WantedPicture& wanted) {
  std::optional<DonePicture> common;
  for (const PictureOutput& output : outputs) {
    if (!is_file(output.path)) return std::nullopt;
    const auto file = read_file(output.path);
    if (!file) return std::nullopt;
    const auto texts = inspect_picture(ByteView(*file));
    const auto hash = texts ? film_hash_if_wanted(*texts, output, wanted) : std::nullopt;
    if (!hash || (common && common->film_hash != *hash) || !is_whole(*file, output.format))
      return std::nullopt;
    common = DonePicture{*hash, samples_of(*texts)};
  }
  return common;
}

bool all_are_there(const std::vector<PictureOutput>& outputs, const std::string& checkpoint) {
  return !outputs.empty() && !is_file(checkpoint) &&
         std::ranges::all_of(outputs, [](const PictureOutput& output) { return is_file(output.path); });
}

}  // namespace oct
