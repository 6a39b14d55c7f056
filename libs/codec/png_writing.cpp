#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "codec/png.hpp"
#include "codec/png_strip.hpp"

// As in png_reading.cpp: functions that set a mark for libpng keep nothing that has a destructor.

namespace oct {

namespace {

/// libpng's, which writes all but the pixels.
struct State {
  explicit State(ByteSink& to) : sink(to) {}
  ~State() { png_destroy_write_struct(&png, &info); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ByteSink& sink;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::optional<Error> error;  ///< the first one, which is final
};

bool write_or_keep_error(State& state, ByteView bytes) {
  Result<void> written = state.sink.write(bytes);
  if (!written) state.error = std::move(written.error());
  return written.has_value();
}

/// Holds nothing that has a destructor: png_error leaves by longjmp.
void write_to(png_structp png, png_bytep bytes, std::size_t size) {
  auto& state = *static_cast<State*>(png_get_io_ptr(png));
  if (!write_or_keep_error(state, std::as_bytes(std::span(bytes, size)))) png_error(png, "the sink failed");
}

void flush_nothing(png_structp) {}

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto& state = *static_cast<State*>(png_get_error_ptr(png));
  if (!state.error)
    state.error = Error{ErrorKind::internal, fmt::format("libpng cannot write the picture ({})", message)};
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
}

std::vector<png_text> text_chunks(const PictureTexts& texts) {
  std::vector<png_text> chunks;
  for (const auto& [key, value] : texts) {
    png_text chunk{};
    chunk.compression = is_ascii(value) ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
    chunk.key = const_cast<char*>(key.c_str());
    chunk.text = const_cast<char*>(value.c_str());
    (is_ascii(value) ? chunk.text_length : chunk.itxt_length) = value.size();
    chunks.push_back(chunk);
  }
  return chunks;
}

void write_header(State& state, const PngHeader& header, const png_text* texts, int text_count) {
  png_structp png = state.png;
  if (setjmp(png_jmpbuf(png)) != 0) return;
  png_set_IHDR(png, state.info, header.width, header.height, header.bits, PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_sRGB(png, state.info, PNG_sRGB_INTENT_PERCEPTUAL);
  png_set_text(png, state.info, texts, text_count);
  png_write_info(png, state.info);
}

void write_chunk(State& state, const char* type, const std::byte* bytes, std::size_t size) {
  if (setjmp(png_jmpbuf(state.png)) != 0) return;
  png_write_chunk(state.png, reinterpret_cast<png_const_bytep>(type),
                  reinterpret_cast<png_const_bytep>(bytes), size);
}

/// Chunks of no more than a sink is used to.
void write_data(State& state, ByteView bytes) {
  constexpr std::size_t kChunkBytes = 256 * 1024;
  for (std::size_t at = 0; at < bytes.size() && !state.error; at += kChunkBytes)
    write_chunk(state, "IDAT", bytes.data() + at, std::min(kChunkBytes, bytes.size() - at));
}

void begin(State& state, const PngHeader& header) {
  state.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &state, on_error, on_warning);
  if (state.png != nullptr) state.info = png_create_info_struct(state.png);
  if (state.info == nullptr) throw std::bad_alloc();
  png_set_write_fn(state.png, &state, write_to, flush_nothing);
  const std::vector<png_text> texts = text_chunks(header.texts);
  write_header(state, header, texts.data(), static_cast<int>(texts.size()));
}

/// The strip of a picture that begins at row y0.
PngStrip make_strip(const PngHeader& header, const PngRows& rows, std::uint32_t y0, std::uint32_t y1) {
  const std::uint32_t above = y0 == 0 ? 0 : 1;
  const std::vector<std::uint16_t> codes = rows(y0 - above, y1);
  const std::size_t row_above = std::size_t{above} * header.width * 3;
  return pack_png_strip(std::span(codes).subspan(row_above), std::span(codes).first(row_above), header.width,
                        header.bits, y0 == 0, y1 == header.height);
}

/// So many strips at a time that threads seldom wait for each other, and memory holds them.
constexpr std::uint32_t kStripsEach = 2;

void write_pixels(State& state, const PngHeader& header, const PngRows& rows, ThreadPool* pool) {
  const std::uint32_t strip_rows = png_strip_rows(header.width, header.bits);
  std::vector<PngStrip> strips(pool == nullptr ? 1 : kStripsEach * pool->thread_count());
  const auto together = static_cast<std::uint32_t>(strips.size()) * strip_rows;
  PngChecksum checksum;
  for (std::uint32_t y = 0; y < header.height && !state.error; y += std::min(together, header.height - y)) {
    const std::uint32_t end = y + std::min(together, header.height - y);
    const std::uint32_t count = (end - y + strip_rows - 1) / strip_rows;
    const auto make = [&](std::size_t i) {
      const std::uint32_t y0 = y + static_cast<std::uint32_t>(i) * strip_rows;
      strips[i] = make_strip(header, rows, y0, std::min(y0 + strip_rows, end));
    };
    if (pool != nullptr) {
      pool->for_each(count, make);
    } else {
      make(0);
    }
    for (std::uint32_t i = 0; i < count && !state.error; ++i) {
      checksum.add(strips[i]);
      write_data(state, strips[i].packed);
    }
  }
  if (state.error) return;
  const Bytes sum = checksum.bytes();
  write_data(state, sum);
}

}  // namespace

Result<void> write_png(ByteSink& sink, const PngHeader& header, const PngRows& rows, ThreadPool* pool) {
  State state(sink);
  begin(state, header);
  if (!state.error) write_pixels(state, header, rows, pool);
  if (!state.error) write_chunk(state, "IEND", nullptr, 0);
  if (state.error) return fail(*std::move(state.error));
  return {};
}

}  // namespace oct
