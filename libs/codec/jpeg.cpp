#include "codec/jpeg.hpp"

#include <csetjmp>
#include <cstddef>
#include <cstdio>

// after what it needs and does not include
#include <jpeglib.h>

#include <jerror.h>

#include "codec/invalid.hpp"

// libjpeg leaves a failed call by our longjmp. So the functions that set a mark keep nothing that has a destructor:
// what they fill belongs to their callers.

namespace oct {
namespace {

constexpr int kMostScans = 500;  // progressive files have about ten; each one costs a pass over the picture

struct Reader {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf mark;
  bool ran_out = false;
};

[[noreturn]] void on_error(j_common_ptr jpeg) {
  std::longjmp(static_cast<Reader*>(jpeg->client_data)->mark, 1);
}

/// libjpeg goes on behind the end of a file with grey.
void on_message(j_common_ptr jpeg, int level) {
  if (level < 0 && jpeg->err->msg_code == JWRN_JPEG_EOF) {
    static_cast<Reader*>(jpeg->client_data)->ran_out = true;
    on_error(jpeg);
  }
}

void on_progress(j_common_ptr jpeg) {
  const auto* reader = reinterpret_cast<j_decompress_ptr>(jpeg);
  if (reader->input_scan_number > kMostScans) on_error(jpeg);
}

void close(Reader& reader) {
  jpeg_destroy_decompress(&reader.jpeg);
}

/// The header, after which the reader may go on. It must be closed whatever the answer.
bool open(Reader& reader, ByteView file) {
  reader.jpeg.err = jpeg_std_error(&reader.errors);
  reader.errors.error_exit = on_error;
  reader.errors.emit_message = on_message;
  reader.jpeg.client_data = &reader;
  if (setjmp(reader.mark) != 0) return false;
  jpeg_create_decompress(&reader.jpeg);
  reader.progress.progress_monitor = on_progress;
  reader.jpeg.progress = &reader.progress;
  jpeg_mem_src(&reader.jpeg, reinterpret_cast<const unsigned char*>(file.data()),
               static_cast<unsigned long>(file.size()));
  jpeg_read_header(&reader.jpeg, TRUE);
  jpeg_calc_output_dimensions(&reader.jpeg);
  return true;
}

/// After open: all rows, four bytes a pixel: RGBA, or CMYK as stored.
bool read_rows(Reader& reader, unsigned char* pixels) {
  if (setjmp(reader.mark) != 0) return false;
  const bool four = reader.jpeg.num_components == 4;
  reader.jpeg.out_color_space = four ? JCS_CMYK : JCS_EXT_RGBA;
  reader.jpeg.dct_method = JDCT_ISLOW;
  reader.jpeg.do_fancy_upsampling = TRUE;
  jpeg_start_decompress(&reader.jpeg);
  const std::size_t row_bytes = std::size_t{reader.jpeg.output_width} * 4;
  while (reader.jpeg.output_scanline < reader.jpeg.output_height) {
    JSAMPROW row = pixels + reader.jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&reader.jpeg, &row, 1);
  }
  return true;
}

/// Inks to light. Adobe's programs store how much light an ink lets through, others how much ink there is.
void cmyk_to_rgba(std::vector<std::uint8_t>& pixels, bool stores_light) {
  for (std::size_t i = 0; i < pixels.size(); i += 4) {
    const auto light = [&](std::size_t c) { return stores_light ? pixels[i + c] : 255u - pixels[i + c]; };
    const unsigned black = light(3);
    for (std::size_t c = 0; c < 3; ++c)
      pixels[i + c] = static_cast<std::uint8_t>((light(c) * black + 127) / 255);
    pixels[i + 3] = 255;
  }
}

Unexpected fault(const Reader& reader) {
  if (reader.ran_out) return invalid("is cut off");
  return invalid(reader.errors.msg_code == JERR_BAD_PRECISION
                     ? "has other than 8 bits a channel"
                     : "cannot be decoded: it is damaged, or of a rare kind");
}

/// Whether `size` bytes can hold the pixels: a progressive JPEG spends at least six bits on a block of 16 x 16.
Result<PictureShape> checked_shape(const Reader& reader, std::size_t size) {
  const PictureShape shape{reader.jpeg.output_width, reader.jpeg.output_height, ValueKind::bits8};
  OCT_TRY(check_picture_size(shape.width, shape.height));
  constexpr std::uint64_t kPixelsPerByte = 1024;
  if (std::uint64_t{shape.width} * shape.height > size * kPixelsPerByte) return invalid("is cut off");
  return shape;
}

/// Opens, and returns what use(reader) makes of it.
template <class Use>
auto with_reader(ByteView file, Use&& use) -> decltype(use(std::declval<Reader&>())) {
  Reader reader;
  struct Closer {
    Reader& reader;
    ~Closer() { close(reader); }
  } const closer{reader};
  if (!open(reader, file)) return fault(reader);
  return use(reader);
}

}  // namespace

Result<PictureShape> probe_jpeg(ByteView file) {
  return with_reader(file, [&](Reader& reader) { return checked_shape(reader, file.size()); });
}

Result<Picture> decode_jpeg(ByteView file) {
  return with_reader(file, [&](Reader& reader) -> Result<Picture> {
    OCT_TRY_ASSIGN(const PictureShape shape, checked_shape(reader, file.size()));
    Picture picture = make_picture(shape);
    if (!read_rows(reader, picture.rgba8.data())) return fault(reader);
    if (reader.jpeg.num_components == 4) cmyk_to_rgba(picture.rgba8, reader.jpeg.saw_Adobe_marker != 0);
    return picture;
  });
}

}  // namespace oct
