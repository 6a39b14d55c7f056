#include "codec/stb_pictures.hpp"

#include "support/codec_samples.hpp"
#include "unit/codec/reason.hpp"

using namespace oct;
using namespace oct::test;

TEST_CASE("TGA rows come from the top, colours in their order", "[codec]") {
  // 1 x 2, rows from below: blue below, red above
  const Bytes file = make_tga(1, 2, 2, 24, 0, {255, 0, 0, 0, 0, 255});
  CHECK(is_tga(file));
  const auto picture = decode_tga_or_bmp(file);
  REQUIRE(picture.has_value());
  CHECK(picture->rgba8 == std::vector<std::uint8_t>{255, 0, 0, 255, 0, 0, 255, 255});
  const auto from_top = decode_tga_or_bmp(make_tga(1, 2, 2, 24, 0x20, {255, 0, 0, 0, 0, 255}));
  REQUIRE(from_top.has_value());
  CHECK(from_top->rgba8[2] == 255);
}

TEST_CASE("alpha of a TGA counts where its header says so", "[codec]") {
  const auto with = decode_tga_or_bmp(make_tga(1, 1, 2, 32, 8, {1, 2, 3, 0}));
  REQUIRE(with.has_value());
  CHECK(with->rgba8 == std::vector<std::uint8_t>{3, 2, 1, 0});
  const auto without = decode_tga_or_bmp(make_tga(1, 1, 2, 32, 0, {1, 2, 3, 0}));
  REQUIRE(without.has_value());
  CHECK(without->rgba8 == std::vector<std::uint8_t>{3, 2, 1, 255});
}

TEST_CASE("runs of a TGA are expanded, and grey is grey", "[codec]") {
  const auto runs = decode_tga_or_bmp(make_tga(4, 1, 10, 24, 0, {0x82, 9, 8, 7, 0x00, 1, 2, 3}));
  REQUIRE(runs.has_value());
  CHECK(runs->rgba8[8] == 7);
  CHECK(runs->rgba8[12] == 3);
  const auto grey = decode_tga_or_bmp(make_tga(1, 1, 3, 8, 0, {77}));
  REQUIRE(grey.has_value());
  CHECK(grey->rgba8 == std::vector<std::uint8_t>{77, 77, 77, 255});
}

TEST_CASE("BMP rows come from the top", "[codec]") {
  const Bytes file = make_bmp(1, 2, {255, 0, 0, 0, 0, 0, 255, 0});
  CHECK(is_bmp(file));
  CHECK_FALSE(is_tga(file));
  const auto picture = decode_tga_or_bmp(file);
  REQUIRE(picture.has_value());
  CHECK(picture->rgba8 == std::vector<std::uint8_t>{255, 0, 0, 255, 0, 0, 255, 255});
}

TEST_CASE("text is neither TGA nor BMP, and a small TGA cannot ask for a lot of memory", "[codec]") {
  const std::string_view text = "BMW drove past the house, and nobody looked up from their book";
  CHECK_FALSE(is_tga(std::as_bytes(std::span(text))));
  CHECK_FALSE(is_bmp(std::as_bytes(std::span(text))));
  CHECK(reason_of(decode_tga_or_bmp(make_tga(16000, 16000, 2, 24, 0, {1, 2, 3}))) == "is cut off");
}
