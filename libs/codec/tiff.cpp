#include "codec/tiff.hpp"

#include <Imath/half.h>
#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "codec/invalid.hpp"

namespace oct {
namespace {

/// Bytes in memory as libtiff's file.
struct Source {
  ByteView bytes;
  std::uint64_t position = 0;
};

tmsize_t read_from(thandle_t handle, void* out, tmsize_t size) {
  auto& source = *static_cast<Source*>(handle);
  if (size < 0 || source.position >= source.bytes.size()) return 0;
  const std::uint64_t count =
      std::min<std::uint64_t>(static_cast<std::uint64_t>(size), source.bytes.size() - source.position);
  std::memcpy(out, source.bytes.data() + source.position, count);
  source.position += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t seek_in(thandle_t handle, toff_t offset, int from) {
  auto& source = *static_cast<Source*>(handle);
  if (from == SEEK_CUR) offset += source.position;
  if (from == SEEK_END) offset += source.bytes.size();
  source.position = offset;
  return offset;
}

int close_nothing(thandle_t) {
  return 0;
}

toff_t size_of_source(thandle_t handle) {
  return static_cast<Source*>(handle)->bytes.size();
}

int say_nothing(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

struct Close {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using Tiff = std::unique_ptr<TIFF, Close>;

/// Null when it is not a TIFF file.
Tiff open(Source& source) {
  constexpr tmsize_t kMostMemoryAtOnce = tmsize_t{1} << 31;
  TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
  if (options == nullptr) throw std::bad_alloc();
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, kMostMemoryAtOnce);
  TIFFOpenOptionsSetErrorHandlerExtR(options, say_nothing, nullptr);
  TIFFOpenOptionsSetWarningHandlerExtR(options, say_nothing, nullptr);
  // m: not mapped into memory; it lies there
  TIFF* tiff = TIFFClientOpenExt("", "rm", &source, read_from, write_nothing, seek_in, close_nothing,
                                 size_of_source, nullptr, nullptr, options);
  TIFFOpenOptionsFree(options);
  return Tiff(tiff);
}

/// What the first directory says.
struct Layout {
  std::uint32_t width = 0, height = 0;
  std::uint16_t bits = 1, samples = 1, format = SAMPLEFORMAT_UINT, photometric = PHOTOMETRIC_MINISWHITE;
  std::uint16_t orientation = ORIENTATION_TOPLEFT;
  bool planar = false, tiled = false;
  std::uint16_t alpha_kind = EXTRASAMPLE_UNSPECIFIED;
  std::uint32_t block_width = 0, block_height = 0;  ///< of a strip or tile

  bool is_grey() const {
    return photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE;
  }
  std::uint16_t colors() const { return is_grey() ? 1 : 3; }
  bool is_float() const { return format == SAMPLEFORMAT_IEEEFP; }
  /// Read by us; the rest by libtiff's conversion to RGBA of 8 bits, which has it all, but premultiplied.
  bool is_plain() const {
    if (!is_grey() && photometric != PHOTOMETRIC_RGB) return false;
    if (samples < colors()) return false;
    return is_float() ? bits == 16 || bits == 32
                      : format == SAMPLEFORMAT_UINT && (bits == 8 || bits == 16 || bits == 32);
  }
  bool has_alpha() const {
    return samples > colors() &&
           (alpha_kind == EXTRASAMPLE_ASSOCALPHA || alpha_kind == EXTRASAMPLE_UNASSALPHA);
  }
  ValueKind values() const {
    if (!is_plain() || bits == 8) return ValueKind::bits8;
    return is_float() ? ValueKind::real : ValueKind::bits16;
  }
  PictureShape shape() const { return {width, height, values()}; }
};

Layout layout_of(TIFF* tiff) {
  Layout layout;
  std::uint16_t planar = PLANARCONFIG_CONTIG;
  std::uint16_t extra_count = 0;
  std::uint16_t* extras = nullptr;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout.width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout.height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &layout.bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout.samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &layout.format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &layout.orientation);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout.photometric);
  if (TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extras) == 1 && extra_count > 0)
    layout.alpha_kind = extras[0];
  layout.planar = planar == PLANARCONFIG_SEPARATE && layout.samples > 1;
  layout.tiled = TIFFIsTiled(tiff) != 0;
  layout.block_width = layout.width;
  if (layout.tiled) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &layout.block_width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &layout.block_height);
  } else {
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &layout.block_height);
    layout.block_height = std::min(layout.block_height, layout.height);
  }
  return layout;
}

/// Sizes are possible, and the file is long enough to hold that many pixels. Small ones always are: a row of a fax
/// takes a bit.
Result<void> check_layout(const Layout& layout, std::size_t file_size) {
  OCT_TRY(check_picture_size(layout.width, layout.height));
  constexpr std::uint64_t kAlways = std::uint64_t{1} << 24;
  constexpr std::uint64_t kLargestRatio = 2048;  // of LZW, whose codes stand for up to 4096 bytes
  const std::uint64_t sample_bytes = std::max(layout.bits / 8, 1);
  const std::uint64_t bytes = std::uint64_t{layout.width} * layout.height * layout.samples * sample_bytes;
  if (bytes > kAlways + file_size * kLargestRatio) return invalid("is cut off");
  const std::uint64_t block =
      std::uint64_t{layout.block_width} * layout.block_height * layout.samples * sample_bytes;
  if (block == 0) return invalid("is damaged");
  if (block > kAlways + 4 * bytes) return invalid("has tiles far larger than the picture");
  if (layout.is_float() && !layout.is_plain()) return invalid("has floats of other than 16 and 32 bits");
  if (layout.orientation > ORIENTATION_BOTLEFT && layout.is_plain())
    return invalid("is stored on its side, which is not supported");
  return {};
}

/// Samples as they lie in the file, brought to a picture's channels.
class PlainReader {
 public:
  PlainReader(TIFF* tiff, const Layout& layout)
      : tiff_(tiff), layout_(layout), picture_(make_picture(layout.shape())) {}

  Result<Picture> read() {
    fill_opaque();
    const tmsize_t size = layout_.tiled ? TIFFTileSize(tiff_) : TIFFStripSize(tiff_);
    if (size <= 0) return invalid("is damaged");
    block_.resize(static_cast<std::size_t>(size));
    const std::uint16_t planes = layout_.planar ? used_samples() : std::uint16_t{1};
    for (std::uint32_t y0 = 0; y0 < layout_.height; y0 += layout_.block_height) {
      for (std::uint32_t x0 = 0; x0 < layout_.width; x0 += layout_.block_width) {
        for (std::uint16_t plane = 0; plane < planes; ++plane) OCT_TRY(read_block(x0, y0, plane));
      }
    }
    finish_colors();
    return std::move(picture_);
  }

 private:
  std::uint16_t used_samples() const {
    return static_cast<std::uint16_t>(layout_.colors() + (layout_.has_alpha() ? 1 : 0));
  }
  bool is_real() const { return !picture_.rgb_float.empty(); }

  void fill_opaque() {
    for (std::size_t i = 3; i < picture_.rgba8.size(); i += 4) picture_.rgba8[i] = 0xff;
    for (std::size_t i = 3; i < picture_.rgba16.size(); i += 4) picture_.rgba16[i] = 0xffff;
  }

  Result<void> read_block(std::uint32_t x0, std::uint32_t y0, std::uint16_t plane) {
    const auto size = static_cast<tmsize_t>(block_.size());
    const tmsize_t got =
        layout_.tiled
            ? TIFFReadEncodedTile(tiff_, TIFFComputeTile(tiff_, x0, y0, 0, plane), block_.data(), size)
            : TIFFReadEncodedStrip(tiff_, TIFFComputeStrip(tiff_, y0, plane), block_.data(), size);
    const std::uint32_t width = std::min(layout_.block_width, layout_.width - x0);
    const std::uint32_t rows = std::min(layout_.block_height, layout_.height - y0);
    const std::size_t step = (layout_.planar ? 1u : layout_.samples) * std::size_t{layout_.bits} / 8;
    const std::size_t row_bytes = layout_.block_width * step;
    if (got < 0 || static_cast<std::size_t>(got) < row_bytes * (rows - 1) + width * step)
      return invalid("is cut off or damaged");
    const std::uint16_t first = layout_.planar ? plane : std::uint16_t{0};
    const std::uint16_t count = layout_.planar ? std::uint16_t{1} : used_samples();
    for (std::uint32_t y = 0; y < rows; ++y) {
      for (std::uint32_t x = 0; x < width; ++x) {
        for (std::uint16_t s = 0; s < count; ++s)
          store(x0 + x, y0 + y, static_cast<std::uint16_t>(first + s),
                block_.data() + y * row_bytes + x * step + s * std::size_t{layout_.bits} / 8);
      }
    }
    return {};
  }

  /// A sample of a pixel to the channels that it becomes.
  void store(std::uint32_t x, std::uint32_t y, std::uint16_t sample, const std::byte* value) {
    const bool from_right =
        layout_.orientation == ORIENTATION_TOPRIGHT || layout_.orientation == ORIENTATION_BOTRIGHT;
    const bool from_below =
        layout_.orientation == ORIENTATION_BOTRIGHT || layout_.orientation == ORIENTATION_BOTLEFT;
    const std::size_t column = from_right ? layout_.width - 1 - x : x;
    const std::size_t row = from_below ? layout_.height - 1 - y : y;
    const std::size_t pixel = row * layout_.width + column;
    if (sample >= layout_.colors()) return put(pixel, 3, value);
    if (!layout_.is_grey()) return put(pixel, sample, value);
    for (std::size_t channel = 0; channel < 3; ++channel) put(pixel, channel, value);
  }

  void put(std::size_t pixel, std::size_t channel, const std::byte* value) {
    if (is_real()) {
      const bool half = layout_.bits == 16;
      const float real = half ? imath_half_to_float(load<std::uint16_t>(value)) : load<float>(value);
      if (channel < 3) picture_.rgb_float[pixel * 3 + channel] = real;
    } else if (layout_.bits == 8) {
      picture_.rgba8[pixel * 4 + channel] = load<std::uint8_t>(value);
    } else if (layout_.bits == 16) {
      picture_.rgba16[pixel * 4 + channel] = load<std::uint16_t>(value);
    } else {
      picture_.rgba16[pixel * 4 + channel] = static_cast<std::uint16_t>(load<std::uint32_t>(value) >> 16);
    }
  }

  void finish_colors() {
    finish_channels(picture_.rgba8, 0xff);
    finish_channels(picture_.rgba16, 0xffff);
    if (layout_.photometric != PHOTOMETRIC_MINISWHITE) return;
    for (float& value : picture_.rgb_float) value = 1.0f - value;
  }

  /// White below black, and colours that are multiplied by alpha.
  template <class Value>
  void finish_channels(std::vector<Value>& pixels, std::uint32_t most) {
    const bool inverted = layout_.photometric == PHOTOMETRIC_MINISWHITE;
    const bool multiplied = layout_.has_alpha() && layout_.alpha_kind == EXTRASAMPLE_ASSOCALPHA;
    if (!inverted && !multiplied) return;
    for (std::size_t i = 0; i < pixels.size(); i += 4) {
      const std::uint32_t alpha = pixels[i + 3];
      for (std::size_t c = 0; c < 3; ++c) {
        std::uint32_t value = inverted ? most - pixels[i + c] : pixels[i + c];
        if (multiplied && alpha > 0) value = std::min((value * most + alpha / 2) / alpha, most);
        pixels[i + c] = static_cast<Value>(value);
      }
    }
  }

  TIFF* tiff_;
  const Layout& layout_;
  Picture picture_;
  Bytes block_;
};

/// By libtiff's own conversion.
Result<Picture> read_converted(TIFF* tiff, const Layout& layout) {
  char message[1024];
  if (TIFFRGBAImageOK(tiff, message) == 0) return invalid("is of a kind of TIFF that is not supported");
  Picture picture = make_picture(layout.shape());
  std::vector<std::uint32_t> pixels(std::size_t{layout.width} * layout.height);
  constexpr int kStopAtFaults = 1;
  const int read = TIFFReadRGBAImageOriented(tiff, layout.width, layout.height, pixels.data(),
                                             ORIENTATION_TOPLEFT, kStopAtFaults);
  if (read == 0) return invalid("is cut off or damaged");
  std::memcpy(picture.rgba8.data(), pixels.data(), picture.rgba8.size());  // little-endian: red comes first
  return picture;
}

/// Whether libtiff can unpack it: without some libraries it cannot, and would call the file damaged.
Result<void> check_packing(TIFF* tiff) {
  std::uint16_t packing = COMPRESSION_NONE;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &packing);
  if (TIFFIsCODECConfigured(packing) != 0) return {};
  if (packing == COMPRESSION_JPEG || packing == COMPRESSION_OJPEG)
    return invalid("is a TIFF packed as JPEG, which is not supported; save it with LZW or deflate");
  return invalid(fmt::format(
      "is a TIFF packed in a way that is not supported (compression {}); save it with LZW or deflate",
      packing));
}

Result<Layout> checked_layout(const Tiff& tiff, std::size_t file_size) {
  if (!tiff) return invalid("is damaged");
  const Layout layout = layout_of(tiff.get());
  OCT_TRY(check_packing(tiff.get()));
  OCT_TRY(check_layout(layout, file_size));
  return layout;
}

}  // namespace

bool is_tiff(ByteView file) {
  if (file.size() < 4) return false;
  return std::memcmp(file.data(), "II*\0", 4) == 0 || std::memcmp(file.data(), "MM\0*", 4) == 0 ||
         std::memcmp(file.data(), "II+\0", 4) == 0 || std::memcmp(file.data(), "MM\0+", 4) == 0;
}

Result<PictureShape> probe_tiff(ByteView file) {
  Source source{file};
  OCT_TRY_ASSIGN(const Layout layout, checked_layout(open(source), file.size()));
  return layout.shape();
}

Result<Picture> decode_tiff(ByteView file) {
  Source source{file};
  const Tiff tiff = open(source);
  OCT_TRY_ASSIGN(const Layout layout, checked_layout(tiff, file.size()));
  if (!layout.is_plain()) return read_converted(tiff.get(), layout);
  return PlainReader(tiff.get(), layout).read();
}

}  // namespace oct
