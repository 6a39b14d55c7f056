#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <optional>

#include "codec/png.hpp"

// As in png_reading.cpp: functions that set a mark for libpng keep nothing that has a destructor.

namespace oct {

struct PngWriter::State {
  explicit State(ByteSink& to) : sink(to) {}
  ~State() { png_destroy_write_struct(&png, &info); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ByteSink& sink;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::size_t row_values = 0;
  Bytes row;
  std::optional<Error> error;  ///< the first one, which is final
};

namespace {

using State = PngWriter::State;

void write_to(png_structp png, png_bytep bytes, std::size_t size) {
  auto& state = *static_cast<State*>(png_get_io_ptr(png));
  const Result<void> written = state.sink.write(std::as_bytes(std::span(bytes, size)));
  if (written) return;
  state.error = written.error();
  png_error(png, "the sink failed");
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
  constexpr std::size_t kChunkBytes = 256 * 1024;
  png_set_compression_buffer_size(png, kChunkBytes);
  png_set_compression_level(png, 6);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB | PNG_FILTER_UP);
  png_set_IHDR(png, state.info, header.width, header.height, header.bits, PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_sRGB(png, state.info, PNG_sRGB_INTENT_PERCEPTUAL);
  png_set_text(png, state.info, texts, text_count);
  png_write_info(png, state.info);
  if (header.bits == 16) png_set_swap(png);  // from little-endian
}

void write_row(State& state) {
  if (setjmp(png_jmpbuf(state.png)) != 0) return;
  png_write_row(state.png, reinterpret_cast<png_const_bytep>(state.row.data()));
}

void write_end(State& state) {
  if (setjmp(png_jmpbuf(state.png)) != 0) return;
  png_write_end(state.png, nullptr);
}

Result<void> result_of(const State& state) {
  if (state.error) return fail(*state.error);
  return {};
}

}  // namespace

PngWriter::PngWriter(ByteSink& sink, const PngHeader& header) : state_(std::make_unique<State>(sink)) {
  state_->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, state_.get(), on_error, on_warning);
  if (state_->png != nullptr) state_->info = png_create_info_struct(state_->png);
  if (state_->info == nullptr) throw std::bad_alloc();
  png_set_write_fn(state_->png, state_.get(), write_to, flush_nothing);
  state_->row_values = std::size_t{header.width} * 3;
  state_->row.resize(state_->row_values * (header.bits == 8 ? 1 : 2));
  const std::vector<png_text> texts = text_chunks(header.texts);
  write_header(*state_, header, texts.data(), static_cast<int>(texts.size()));
}

PngWriter::~PngWriter() = default;

Result<void> PngWriter::add_rows(std::span<const std::uint16_t> codes) {
  const bool wide = state_->row.size() > state_->row_values;
  for (; !state_->error && codes.size() >= state_->row_values; codes = codes.subspan(state_->row_values)) {
    const auto row = codes.first(state_->row_values);
    if (wide) {
      std::memcpy(state_->row.data(), row.data(), row.size_bytes());
    } else {
      std::transform(row.begin(), row.end(), state_->row.begin(), [](auto code) { return std::byte(code); });
    }
    write_row(*state_);
  }
  return result_of(*state_);
}

Result<void> PngWriter::finish() {
  if (!state_->error) write_end(*state_);
  return result_of(*state_);
}

}  // namespace oct
