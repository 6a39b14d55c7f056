#include "codec/hdr.hpp"

#include "support/picture_files.hpp"
#include "unit/codec/reason.hpp"

using namespace oct;
using namespace oct::test;

namespace {

Bytes hdr_with(std::string_view resolution, std::string_view format,
               const std::vector<std::array<std::uint8_t, 4>>& pixels) {
  ByteWriter file;
  file.text("#?RADIANCE\nFORMAT=").text(format).text("\n\n").text(resolution).text("\n");
  for (const auto& pixel : pixels) {
    for (const std::uint8_t value : pixel) file.u8(value);
  }
  return file.bytes;
}

/// Red of each pixel of 3 x 2, row by row from the top, of a file that holds 1 to 6 in its own order.
std::vector<float> reds(std::string_view resolution) {
  std::vector<std::array<std::uint8_t, 4>> pixels;
  for (std::uint8_t i = 1; i <= 6; ++i) pixels.push_back({i, 0, 0, 136});
  const auto picture = decode_hdr(hdr_with(resolution, "32-bit_rle_rgbe", pixels));
  INFO(resolution);
  REQUIRE(picture.has_value());
  CHECK((picture->width == 3 && picture->height == 2));
  std::vector<float> values;
  for (std::size_t i = 0; i < 6; ++i) values.push_back(picture->rgb_float[i * 3]);
  return values;
}

}  // namespace

TEST_CASE("an HDR file may begin in any corner and run either way", "[codec]") {
  CHECK(reds("-Y 2 +X 3") == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(reds("-Y 2 -X 3") == std::vector<float>{3, 2, 1, 6, 5, 4});
  CHECK(reds("+Y 2 +X 3") == std::vector<float>{4, 5, 6, 1, 2, 3});
  CHECK(reds("+Y 2 -X 3") == std::vector<float>{6, 5, 4, 3, 2, 1});
  // columns, from the left or right, each from the top or from below
  CHECK(reds("+X 3 -Y 2") == std::vector<float>{1, 3, 5, 2, 4, 6});
  CHECK(reds("-X 3 -Y 2") == std::vector<float>{5, 3, 1, 6, 4, 2});
  CHECK(reds("+X 3 +Y 2") == std::vector<float>{2, 4, 6, 1, 3, 5});
  CHECK(reds("-X 3 +Y 2") == std::vector<float>{6, 4, 2, 5, 3, 1});
}

TEST_CASE("XYZE becomes Rec.709", "[codec]") {
  // D65 white, (0.9505, 1, 1.089), and the red primary, (0.4125, 0.2127, 0.0193)
  const auto picture =
      decode_hdr(hdr_with("-Y 1 +X 2", "32-bit_rle_xyze", {{122, 128, 139, 129}, {106, 54, 5, 128}}));
  REQUIRE(picture.has_value());
  const std::vector<float>& rgb = picture->rgb_float;
  for (std::size_t c = 0; c < 3; ++c) CHECK(rgb[c] == Approx(1).margin(0.02));
  CHECK(rgb[3] == Approx(1).margin(0.02));
  CHECK(rgb[4] == Approx(0).margin(0.02));
  CHECK(rgb[5] == Approx(0).margin(0.02));
}

TEST_CASE("rows of old HDR files repeat pixels, also across counts of more than a byte", "[codec]") {
  // 300 pixels: one, 43 more, and in the next byte 256 more; and enough plain ones behind to be believed
  std::vector<std::array<std::uint8_t, 4>> pixels{{9, 9, 9, 136}, {1, 1, 1, 43}, {1, 1, 1, 1}};
  for (std::uint8_t i = 0; i < 20; ++i) pixels.push_back({i, 2, 3, 136});
  const auto picture = decode_hdr(hdr_with("-Y 1 +X 320", "32-bit_rle_rgbe", pixels));
  REQUIRE(picture.has_value());
  CHECK(picture->rgb_float[299 * 3] == 9.0f);
  CHECK(picture->rgb_float[300 * 3] == 0.0f);
  CHECK(picture->rgb_float[319 * 3] == 19.0f);
}

TEST_CASE("an HDR file that cannot be used says why", "[codec]") {
  const auto reason = [](std::string_view lines) {
    ByteWriter file;
    file.text("#?RADIANCE\n").text(lines).raw(Bytes(64));
    return reason_of(decode_hdr(file.bytes));
  };
  CHECK(reason("FORMAT=32-bit_rle_lab\n\n-Y 1 +X 1\n") ==
        "is of another format than 32-bit_rle_rgbe and 32-bit_rle_xyze");
  for (const char* line :
       {"", "Y 1 +X 1", "-Y 1", "-Y 1 +Y 1", "-Y 1 +X", "-Y 1 +X 1 ", "-Y -1 +X 1", "-Z 1 +X 1"})
    CHECK(reason(std::string("\n") + line + "\n") == "has no line that tells its size");
  CHECK(reason("\n-Y 0 +X 1\n") == "has no pixels");
  CHECK(reason("\n-Y 5 +X 5\n") == "is cut off or damaged");
  CHECK(reason("") == "is cut off");
}
