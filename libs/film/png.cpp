#include "film/png.hpp"

#include <fmt/format.h>

#include "film/tone_map.hpp"

namespace oct {

Result<void> encode_png(ByteSink& sink, const PictureRows& display, int bits, const PictureTexts& texts,
                        ThreadPool* pool) {
  const auto rows = [&](std::uint32_t y0, std::uint32_t y1) {
    return srgb_code_values(display.rows(y0, y1), bits);
  };
  return write_png(sink, {display.width(), display.height(), bits, texts}, rows, pool);
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
