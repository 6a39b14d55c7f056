#include <png.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "codec/invalid.hpp"
#include "codec/png.hpp"

// libpng leaves a failed call by longjmp. So the functions that set a mark keep nothing that has a destructor: what
// they fill belongs to their callers.

namespace oct {
namespace {

constexpr std::size_t kSignatureBytes = 8;
/// A text is no longer when it is unpacked.
constexpr std::size_t kMostText = std::size_t{8} << 20;

struct Source {
  ByteView left;
  std::size_t row_bytes = 0;  ///< of the pixels, unpacked; 0 = they are not read
  bool ran_out = false;
  /// No chunk is longer than the file, whatever it says: the library makes room before it reads.
  std::size_t most_at_once = left.size() + kMostText + 4 * row_bytes;
};

png_voidp allocate(png_structp png, png_alloc_size_t size) {
  return size > static_cast<Source*>(png_get_mem_ptr(png))->most_at_once ? nullptr : std::malloc(size);
}

void release(png_structp, png_voidp memory) {
  std::free(memory);
}

void read_from(png_structp png, png_bytep out, std::size_t size) {
  auto& source = *static_cast<Source*>(png_get_io_ptr(png));
  if (source.left.size() < size) {
    source.ran_out = true;
    png_error(png, "end of file");
  }
  std::memcpy(out, source.left.data(), size);
  source.left = source.left.subspan(size);
}

[[noreturn]] void on_error(png_structp png, png_const_charp) {
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

/// libpng's two objects that read a file.
class Reader {
 public:
  explicit Reader(Source& source)
      : png_(png_create_read_struct_2(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning, &source, allocate,
                                      release)),
        info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr) {
    if (info_ == nullptr) throw std::bad_alloc();
    png_set_read_fn(png_, &source, read_from);
    png_set_user_limits(png_, 0x7fffffff, 0x7fffffff);  // ours are checked
    png_set_crc_action(png_, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
  }
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  png_structp png() const { return png_; }
  png_infop info() const { return info_; }

  /// What is not pixels is not unpacked.
  void leave_out_texts_and_profiles() {
    static constexpr png_byte kChunks[] = {'i', 'C', 'C', 'P', 0, 't', 'E', 'X', 't', 0,
                                           'z', 'T', 'X', 't', 0, 'i', 'T', 'X', 't', 0,
                                           's', 'P', 'L', 'T', 0, 'e', 'X', 'I', 'f', 0};
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, kChunks, static_cast<int>(sizeof kChunks / 5));
  }

 private:
  png_structp png_;
  png_infop info_;
};

bool read_info(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png())) != 0) return false;
  png_read_info(reader.png(), reader.info());
  return true;
}

/// After read_info: asks for RGBA of 8 or 16 bits, then reads all rows. `rows` point into the picture.
bool read_pixels(Reader& reader, png_bytepp rows, bool wide) {
  png_structp png = reader.png();
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_expand(png);  // palettes, few bits, a transparent colour
  png_set_gray_to_rgb(png);
  if (wide) png_set_swap(png);  // to little-endian
  png_set_add_alpha(png, 0xffff, PNG_FILLER_AFTER);
  png_set_interlace_handling(png);
  png_read_update_info(png, reader.info());
  png_read_image(png, rows);
  return true;
}

Unexpected fault(const Source& source) {
  return invalid(source.ran_out ? "is cut off" : "is damaged");
}

std::uint32_t big_endian_u32(ByteView bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[offset + i]);
  return value;
}

/// A PNG's pixels take at least this many bytes before compression (PNG 1.2, section 4.1.1).
std::uint64_t least_bytes(const PictureShape& shape, unsigned bit_depth, unsigned color_type) {
  const std::uint64_t channels = color_type == 2 ? 3 : color_type == 4 ? 2 : color_type == 6 ? 4 : 1;
  return shape.height * (shape.width * channels * bit_depth / 8);
}

PngHeader header_of(Reader& reader) {
  PngHeader header;
  header.width = png_get_image_width(reader.png(), reader.info());
  header.height = png_get_image_height(reader.png(), reader.info());
  header.bits = png_get_bit_depth(reader.png(), reader.info());
  png_textp texts = nullptr;
  const int count = png_get_text(reader.png(), reader.info(), &texts, nullptr);
  for (int i = 0; i < count; ++i) {
    const png_text& text = texts[i];
    const std::size_t length = std::max(text.text_length, text.itxt_length);
    header.texts.emplace_back(text.key,
                              text.text != nullptr ? std::string(text.text, length) : std::string());
  }
  return header;
}

}  // namespace

bool is_png(ByteView file) {
  return file.size() >= kSignatureBytes &&
         png_sig_cmp(reinterpret_cast<png_const_bytep>(file.data()), 0, kSignatureBytes) == 0;
}

Result<PictureShape> probe_png(ByteView file) {
  constexpr std::size_t kHeaderEnd = 33;
  if (!is_png(file)) return invalid("is not a PNG file");
  if (file.size() < kHeaderEnd) return invalid("is cut off");
  const auto depth = std::to_integer<unsigned>(file[24]);
  const PictureShape shape{big_endian_u32(file, 16), big_endian_u32(file, 20),
                           depth == 16 ? ValueKind::bits16 : ValueKind::bits8};
  OCT_TRY(check_picture_size(shape.width, shape.height));
  constexpr std::uint64_t kDeflateRatio = 1032;
  const auto color_type = std::to_integer<unsigned>(file[25]);
  if (least_bytes(shape, depth, color_type) > file.size() * kDeflateRatio) return invalid("is cut off");
  return shape;
}

Result<Picture> decode_png(ByteView file) {
  OCT_TRY_ASSIGN(const PictureShape shape, probe_png(file));
  Source source{file, std::size_t{shape.width} * 8};
  Reader reader(source);
  reader.leave_out_texts_and_profiles();
  if (!read_info(reader)) return fault(source);
  const bool same = png_get_image_width(reader.png(), reader.info()) == shape.width &&
                    png_get_image_height(reader.png(), reader.info()) == shape.height;
  if (!same) return invalid("names two sizes");
  Picture picture = make_picture(shape);
  const bool wide = shape.values == ValueKind::bits16;
  auto* first = wide ? reinterpret_cast<png_bytep>(picture.rgba16.data()) : picture.rgba8.data();
  const std::size_t row_bytes = std::size_t{shape.width} * (wide ? 8 : 4);
  std::vector<png_bytep> rows(shape.height);
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = first + y * row_bytes;
  if (!read_pixels(reader, rows.data(), wide)) return fault(source);
  return picture;
}

Result<PngHeader> read_png_header(ByteView file) {
  if (!is_png(file)) return invalid("is not a PNG file");
  Source source{file};
  Reader reader(source);
  if (!read_info(reader)) return fault(source);
  return header_of(reader);
}

}  // namespace oct
