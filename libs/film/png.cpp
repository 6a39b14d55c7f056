#include "film/png.hpp"

#include <fmt/format.h>

#include "film/tone_map.hpp"

namespace oct {

Result<void> encode_png(ByteSink& sink, const PictureRows& display, int bits, const PictureTexts& texts) {
  PngWriter writer(sink, {display.width(), display.height(), bits, texts});
  OCT_TRY(for_each_strip(display, [&](const Image& strip, std::uint32_t) {
    return writer.add_rows(srgb_code_values(strip, bits));
  }));
  return writer.finish();
}

Result<PictureTexts> inspect_png(ByteView file) {
  const Result<PngHeader> header = read_png_header(file);
  if (!header) return fail(header.error().kind, fmt::format("the file {}", header.error().message));
  PictureTexts texts{{"size", fmt::format("{}x{}", header->width, header->height)},
                     {"bits", fmt::format("{}", header->bits)}};
  texts.insert(texts.end(), header->texts.begin(), header->texts.end());
  return texts;
}

}  // namespace oct
