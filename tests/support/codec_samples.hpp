#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

// Files of formats that libraries write: small, and much of what the formats offer.

namespace oct::test {

/// 2 x 2: red, green / blue, yellow of alpha 128.
Bytes sample_webp();
/// 16 x 12, lossy.
Bytes sample_lossy_webp();

enum class DracoMethod { sequential, edgebreaker };
/// Two triangles of four corners, (0 0 0) (1 0 0) (0 1 0) (1 1 0.5); attribute 0 positions, 1 texture coordinates
/// equal to x and y, 2 colours red, green, blue, and yellow of alpha 128. Edgebreaker's are quantized.
Bytes sample_draco(DracoMethod method);

/// A TIFF file to make.
struct TiffMaker {
  std::uint32_t width = 2, height = 2;
  unsigned bits = 8;
  unsigned samples = 3;
  unsigned alpha_kind = 0;  ///< 1 multiplied into the colours, 2 not; 0 = no sample is alpha
  bool real = false;        ///< floats
  bool planar = false;
  bool tiled = false;
  bool palette = false;
  unsigned photometric = 2;
  unsigned orientation = 1;
  unsigned compression = 1;
  std::vector<std::uint16_t> colors = {};  ///< of the palette: all red, all green, all blue
  /// Pixel by pixel, all samples; as wide as the file's.
  std::vector<double> values;

  Bytes file() const;
};

/// An OpenEXR file to make.
struct ExrFileMaker {
  struct Channel {
    std::string name;
    char type = 'h';  ///< u, h, f
    int sampling = 1;
  };
  struct Part {
    std::string name = "";
    std::vector<Channel> channels{{"R"}, {"G"}, {"B"}};
    int compression = 3;
    unsigned tile_size = 0;  ///< 0 = scanlines
    bool mipmaps = false;
    bool rows_from_below = false;
    int data[4] = {0, 0, 3, 3};     ///< data window, both ends included
    int display[4] = {0, 0, 3, 3};  ///< display window
    /// Value of a channel (by its place in `channels`) at a pixel of the data window.
    std::function<float(std::size_t channel, int x, int y)> value = [](std::size_t, int, int) {
      return 1.0f;
    };
  };
  std::vector<Part> parts{Part{}};

  Bytes file() const;
};

/// 16 x 16 pixels: red x / 16, green y / 16, blue 0.5.
Bytes sample_exr_of(int compression);

/// A JPEG file to make: components pixel by pixel.
struct JpegMaker {
  std::uint32_t width = 8, height = 8;
  int components = 3;  ///< 1 grey, 3 RGB, 4 CMYK
  bool progressive = false;
  bool arithmetic = false;
  bool adobe = true;  ///< CMYK: with Adobe's marker
  std::vector<std::uint8_t> values;

  Bytes file() const;
};

/// TGA of true colour or grey with the given header bytes, rows from below.
Bytes make_tga(std::uint32_t width, std::uint32_t height, unsigned kind, unsigned bits, unsigned descriptor,
               const std::vector<std::uint8_t>& pixels);
/// BMP of 24 bits; `pixels` as in the file: rows from below, each padded to four bytes.
Bytes make_bmp(std::uint32_t width, std::uint32_t height, const std::vector<std::uint8_t>& pixels);

}  // namespace oct::test
