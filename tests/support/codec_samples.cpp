#include "support/codec_samples.hpp"

#include <ImfChannelList.h>
#include <ImfFrameBuffer.h>
#include <ImfHeader.h>
#include <ImfIO.h>
#include <ImfMultiPartOutputFile.h>
#include <ImfOutputPart.h>
#include <ImfPartType.h>
#include <ImfTileDescription.h>
#include <ImfTiledOutputPart.h>
#include <tiffio.h>

#include <cstdio>
#include <cstring>

#include <jpeglib.h>

#include "base/check.hpp"
#include "scene/uri.hpp"
#include "support/picture_files.hpp"

namespace oct::test {
namespace {

/// A file in memory that may be written over.
struct Target {
  Bytes bytes;
  std::uint64_t position = 0;

  void write(const void* data, std::size_t size) {
    if (bytes.size() < position + size) bytes.resize(position + size);
    std::memcpy(bytes.data() + position, data, size);
    position += size;
  }
};

Target& target_of(thandle_t handle) {
  return *static_cast<Target*>(handle);
}

tmsize_t read_target(thandle_t handle, void* out, tmsize_t size) {
  Target& target = target_of(handle);
  const auto left = target.bytes.size() - std::min<std::uint64_t>(target.position, target.bytes.size());
  const auto count = std::min<std::uint64_t>(left, static_cast<std::uint64_t>(size));
  std::memcpy(out, target.bytes.data() + target.position, count);
  target.position += count;
  return static_cast<tmsize_t>(count);
}
tmsize_t write_target(thandle_t handle, void* data, tmsize_t size) {
  target_of(handle).write(data, static_cast<std::size_t>(size));
  return size;
}
toff_t seek_target(thandle_t handle, toff_t offset, int from) {
  Target& target = target_of(handle);
  if (from == SEEK_CUR) offset += target.position;
  if (from == SEEK_END) offset += target.bytes.size();
  return target.position = offset;
}
int close_target(thandle_t) {
  return 0;
}
toff_t size_of_target(thandle_t handle) {
  return target_of(handle).bytes.size();
}

class ExrTarget : public Imf::OStream {
 public:
  ExrTarget() : Imf::OStream("") {}
  void write(const char* bytes, int count) override { target.write(bytes, static_cast<std::size_t>(count)); }
  std::uint64_t tellp() override { return target.position; }
  void seekp(std::uint64_t position) override { target.position = position; }
  Target target;
};

Imath::Box2i box(const int (&window)[4]) {
  return {{window[0], window[1]}, {window[2], window[3]}};
}

Imf::PixelType type_of(char type) {
  return type == 'u' ? Imf::UINT : type == 'h' ? Imf::HALF : Imf::FLOAT;
}

Imf::Header header_of(const ExrFileMaker::Part& part) {
  Imf::Header header(box(part.display), box(part.data));
  header.compression() = static_cast<Imf::Compression>(part.compression);
  header.lineOrder() = part.rows_from_below ? Imf::DECREASING_Y : Imf::INCREASING_Y;
  for (const auto& channel : part.channels)
    header.channels().insert(channel.name,
                             Imf::Channel(type_of(channel.type), channel.sampling, channel.sampling));
  if (!part.name.empty()) header.setName(part.name);
  header.setType(part.tile_size > 0 ? Imf::TILEDIMAGE : Imf::SCANLINEIMAGE);
  if (part.tile_size > 0)
    header.setTileDescription(Imf::TileDescription(part.tile_size, part.tile_size,
                                                   part.mipmaps ? Imf::MIPMAP_LEVELS : Imf::ONE_LEVEL));
  return header;
}

/// A plane of 32-bit values for each channel, of the data window.
std::vector<std::vector<std::uint32_t>> planes_of(const ExrFileMaker::Part& part) {
  std::vector<std::vector<std::uint32_t>> planes;
  for (std::size_t c = 0; c < part.channels.size(); ++c) {
    auto& plane = planes.emplace_back();
    for (int y = part.data[1]; y <= part.data[3]; ++y) {
      for (int x = part.data[0]; x <= part.data[2]; ++x) {
        const float value = part.value(c, x, y);
        std::uint32_t bits = part.channels[c].type == 'u' ? static_cast<std::uint32_t>(value)
                                                          : std::bit_cast<std::uint32_t>(value);
        if (part.channels[c].type == 'h') bits = Imath::half(value).bits();
        plane.push_back(bits);
      }
    }
  }
  return planes;
}

void insert_planes(const ExrFileMaker::Part& part, std::vector<std::vector<std::uint32_t>>& planes,
                   Imf::FrameBuffer& buffer) {
  const auto width = static_cast<std::size_t>(part.data[2] - part.data[0] + 1);
  for (std::size_t c = 0; c < planes.size(); ++c) {
    const auto origin = reinterpret_cast<std::uintptr_t>(planes[c].data()) -
                        static_cast<std::uintptr_t>(static_cast<std::intptr_t>(part.data[1])) * width * 4 -
                        static_cast<std::uintptr_t>(static_cast<std::intptr_t>(part.data[0])) * 4;
    const int sampling = part.channels[c].sampling;
    buffer.insert(part.channels[c].name,
                  Imf::Slice(type_of(part.channels[c].type), reinterpret_cast<char*>(origin), 4, width * 4,
                             sampling, sampling));
  }
}

void write_part(Imf::MultiPartOutputFile& file, int number, const ExrFileMaker::Part& part) {
  auto planes = planes_of(part);
  Imf::FrameBuffer buffer;
  insert_planes(part, planes, buffer);
  if (part.tile_size == 0) {
    Imf::OutputPart output(file, number);
    output.setFrameBuffer(buffer);
    output.writePixels(part.data[3] - part.data[1] + 1);
    return;
  }
  Imf::TiledOutputPart output(file, number);
  output.setFrameBuffer(buffer);
  for (int level = 0; level < output.numLevels(); ++level)
    output.writeTiles(0, output.numXTiles(level) - 1, 0, output.numYTiles(level) - 1, level);
}

}  // namespace

Bytes sample_webp() {
  return decode_data_uri(
             "data:image/webp;base64,"
             "UklGRjAAAABXRUJQVlA4TCMAAAAvAUAAEB8gEEjeHzqN+RcQFPk/moCg6LrlIk8Owg0YIvofAgA=")
      .value();
}

Bytes sample_lossy_webp() {
  return decode_data_uri(
             "data:image/webp;base64,"
             "UklGRloAAABXRUJQVlA4IE4AAADQAQCdASoQAAwAAUAmJbACdAEOtXQyAAD+/bOzjTlhXS6AZn+GESZhx+//EivNcLPRNg/"
             "06ub6ev16"
             "5//0sN+7//+kHkwYKQ/meILIAAA=")
      .value();
}

Bytes sample_draco(DracoMethod method) {
  static constexpr std::string_view kSequential =
      "data:;base64,"
      "RFJBQ08CAgEAAAACBAEAAQIBAwIBAwAJAwAAAwkCAAECAgQBAgAAAQAAAAAAAAAAAAAAAAAAgD8AAAAAAAAAAAAAAAAAAIA/"
      "AAAAAAAAgD8A"
      "AIA/AAAAPwAAAAAAAAAAAACAPwAAAAAAAAAAAACAPwAAgD8AAIA/AAEBAAkDARABIBMBEAMAkJBpgBEQINAPAAAAAP8AAAA=";
  static constexpr std::string_view kEdgebreaker =
      "data:;base64,"
      "RFJBQ08CAgEBAAAABAICAgAAAR//ARH/ARH/ARED/"
      "wAAAAAAAQAAAQAJAwAAAgEDCQIAAQIBAgIEAQIBAQEBAAwDASABEB8BEAMAMJBKABCA"
      "/wMAAAAA/wcAAAAAAAAAAAAAAAAAAAAAgD8LAQEBAAMDATABEAMAJIKmAAAAAAD/AwAAAAAAAAAAAAAAAIA/"
      "CgEBAQAJAwEQASATARADAKCQ"
      "TBIAANAfAgAAAAD/AAAA";
  return decode_data_uri(method == DracoMethod::sequential ? kSequential : kEdgebreaker).value();
}

Bytes TiffMaker::file() const {
  Target target;
  TIFF* tiff = TIFFClientOpen("", "w", &target, read_target, write_target, seek_target, close_target,
                              size_of_target, nullptr, nullptr);
  OCT_CHECK(tiff != nullptr);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, palette ? static_cast<unsigned>(PHOTOMETRIC_PALETTE) : photometric);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, real ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, orientation);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
  const auto kind = static_cast<std::uint16_t>(alpha_kind);
  if (alpha_kind != 0) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
  if (palette) {
    const std::size_t size = colors.size() / 3;
    TIFFSetField(tiff, TIFFTAG_COLORMAP, colors.data(), colors.data() + size, colors.data() + 2 * size);
  }
  constexpr std::uint32_t kTile = 16;
  if (tiled) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kTile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, kTile);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 1u);
  }
  const std::uint32_t block_width = tiled ? kTile : width;
  const std::uint32_t block_height = tiled ? kTile : 1;
  const unsigned planes = planar ? samples : 1;
  const unsigned per_plane = planar ? 1 : samples;
  for (unsigned plane = 0; plane < planes; ++plane) {
    for (std::uint32_t y0 = 0; y0 < height; y0 += block_height) {
      for (std::uint32_t x0 = 0; x0 < width; x0 += block_width) {
        ByteWriter block;
        for (std::uint32_t y = y0; y < y0 + block_height; ++y) {
          for (std::uint32_t x = x0; x < x0 + block_width; ++x) {
            for (unsigned s = 0; s < per_plane; ++s) {
              const bool inside = x < width && y < height;
              const double value = inside ? values.at((y * width + x) * samples + plane + s) : 0;
              const std::uint64_t word = real && bits == 16 ? Imath::half(static_cast<float>(value)).bits()
                                         : real ? std::bit_cast<std::uint32_t>(static_cast<float>(value))
                                                : static_cast<std::uint64_t>(value);
              block.little(word, bits / 8);
            }
          }
        }
        const auto size = static_cast<tmsize_t>(block.bytes.size());
        const auto sample = static_cast<std::uint16_t>(plane);
        const tmsize_t written =
            tiled ? TIFFWriteEncodedTile(tiff, TIFFComputeTile(tiff, x0, y0, 0, sample), block.bytes.data(),
                                         size)
                  : TIFFWriteEncodedStrip(tiff, TIFFComputeStrip(tiff, y0, sample), block.bytes.data(), size);
        OCT_CHECK(written == size);
      }
    }
  }
  TIFFClose(tiff);
  return target.bytes;
}

Bytes ExrFileMaker::file() const {
  ExrTarget stream;
  {
    std::vector<Imf::Header> headers;
    for (const Part& part : parts) headers.push_back(header_of(part));
    Imf::MultiPartOutputFile output(stream, headers.data(), static_cast<int>(headers.size()), false, 0);
    for (std::size_t p = 0; p < parts.size(); ++p) write_part(output, static_cast<int>(p), parts[p]);
  }
  return stream.target.bytes;
}

Bytes sample_exr_of(int compression) {
  ExrFileMaker maker;
  ExrFileMaker::Part& part = maker.parts[0];
  part.compression = compression;
  for (int* window : {part.data, part.display}) window[2] = window[3] = 15;
  part.value = [](std::size_t c, int x, int y) {
    return c == 0 ? static_cast<float>(x) / 16 : c == 1 ? static_cast<float>(y) / 16 : 0.5f;
  };
  return maker.file();
}

Bytes JpegMaker::file() const {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = components;
  jpeg.in_color_space = components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 95, TRUE);
  jpeg.write_Adobe_marker = components == 4 && adobe ? TRUE : FALSE;
  jpeg.arith_code = arithmetic ? TRUE : FALSE;
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  for (std::uint32_t y = 0; y < height; ++y) {
    auto* row =
        const_cast<JSAMPROW>(values.data() + std::size_t{y} * width * static_cast<std::size_t>(components));
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  const ByteView view = std::as_bytes(std::span(bytes, size));
  Bytes file(view.begin(), view.end());
  std::free(bytes);
  return file;
}

Bytes make_tga(std::uint32_t width, std::uint32_t height, unsigned kind, unsigned bits, unsigned descriptor,
               const std::vector<std::uint8_t>& pixels) {
  ByteWriter file;
  file.u8(0).u8(0).u8(kind).little(0, 5).little(0, 4).little(width, 2).little(height, 2).u8(bits).u8(
      descriptor);
  for (const std::uint8_t value : pixels) file.u8(value);
  return file.bytes;
}

Bytes make_bmp(std::uint32_t width, std::uint32_t height, const std::vector<std::uint8_t>& pixels) {
  ByteWriter file;
  file.text("BM").little(54 + pixels.size(), 4).little(0, 4).little(54, 4);
  file.little(40, 4).little(width, 4).little(height, 4).little(1, 2).little(24, 2).little(0, 4);
  file.little(pixels.size(), 4).little(2835, 4).little(2835, 4).little(0, 8);
  for (const std::uint8_t value : pixels) file.u8(value);
  return file.bytes;
}

}  // namespace oct::test
