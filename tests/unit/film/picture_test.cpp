#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb_image.h>
#include <tinyexr.h>

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/file.hpp"
#include "film/exr.hpp"
#include "film/picture_file.hpp"
#include "film/png.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using oct::test::TempDir;

namespace {

Image ramp(u32 width, u32 height) {
  Image image{width, height, {}};
  for (u32 i = 0; i < width * height * 3; ++i)
    image.rgb.push_back(static_cast<float>(i) / static_cast<float>(width * height * 3));
  return image;
}

PictureMetadata some_metadata() {
  PictureMetadata metadata;
  metadata.texts = {{"octane/scene",
                     "k\xc3\xbc"
                     "che.gltf"},
                    {"octane/samples", "256"}};
  return metadata;
}

const stbi_uc* uc(const Bytes& file) {
  return reinterpret_cast<const stbi_uc*>(file.data());
}

std::string value_of(const std::vector<std::pair<std::string, std::string>>& texts, const std::string& key) {
  for (const auto& [name, value] : texts) {
    if (name == key) return value;
  }
  return "(missing)";
}

double reference_srgb(double x) {
  return x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055;
}

}  // namespace

TEST_CASE("a picture is almost black when 99 of 100 pixels display next to nothing", "[film]") {
  const auto picture = [](u32 lit, float value) {
    Image image{20, 10, std::vector<float>(600, 0.0f)};
    for (u32 pixel = 0; pixel < lit; ++pixel) image.rgb[3 * pixel + pixel % 3] = value;
    return image;
  };
  CHECK(is_almost_black(picture(0, 0), {}));
  CHECK(is_almost_black(picture(1, 1), {}));
  CHECK_FALSE(is_almost_black(picture(2, 1), {}));
  CHECK(srgb_code_values(picture(1, 0.00304f), 8).front() == 10);
  CHECK_FALSE(is_almost_black(picture(200, 0.00304f), {}));
  CHECK(is_almost_black(picture(200, 0.003f), {}));
  CHECK_FALSE(is_almost_black(picture(200, 0.003f), {2.0f, ToneCurve::none}));
  CHECK(is_almost_black(picture(200, 1), {0.001f, ToneCurve::none}));
  CHECK(is_almost_black(picture(200, std::nanf("")), {}));
}

TEST_CASE("code values are sRGB, rounded to the nearest step", "[film]") {
  const Image image = ramp(40, 30);
  for (const int bits : {8, 16}) {
    const double steps = bits == 8 ? 255 : 65535;
    const auto codes = srgb_code_values(image, bits);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const double exact = reference_srgb(static_cast<double>(image.rgb[i])) * steps;
      REQUIRE(std::abs(codes[i] - exact) < 0.51 + steps * 2e-7);
    }
  }
  const Image extremes{2, 1, {-1.0f, 0.0f, 1.0f, 2.0f, std::nanf(""), INFINITY}};
  CHECK(srgb_code_values(extremes, 8) == std::vector<std::uint16_t>{0, 0, 255, 255, 0, 255});
}

TEST_CASE("tone curves keep black black, stay in range and never fall", "[film]") {
  for (const ToneCurve curve : {ToneCurve::none, ToneCurve::filmic, ToneCurve::aces, ToneCurve::agx}) {
    float last = 0;
    for (int step = 0; step <= 200; ++step) {
      const float x = step == 0 ? 0.0f : std::exp2(static_cast<float>(step) / 8.0f - 12.0f);
      const Image grey = tone_mapped({1, 1, {x, x, x}}, {1.0f, curve});
      REQUIRE(grey.rgb[1] >= last - 1e-4f);
      REQUIRE(grey.rgb[1] <= 1.0f);
      if (step == 0) CHECK(grey.rgb[1] < 0.002f);
      last = grey.rgb[1];
    }
    CHECK(last > 0.9f);
  }
  const Image doubled = tone_mapped({1, 1, {0.1f, 0.2f, 0.3f}}, {2.0f, ToneCurve::none});
  CHECK(doubled.rgb == std::vector<float>{0.2f, 0.4f, 0.6f});
  // Hill's fit, published as mapping 0.18 with its usual exposure of 1 to about 0.106
  CHECK(tone_mapped({1, 1, {0.18f, 0.18f, 0.18f}}, {1.0f, ToneCurve::aces}).rgb[1] ==
        Approx(0.106).margin(0.01));
  CHECK_FALSE(tone_curve_from_text("sepia"));
  CHECK(*tone_curve_from_text("agx") == ToneCurve::agx);
}

TEST_CASE("another library reads our PNG, 8 and 16 bits", "[film]") {
  const Image image = ramp(37, 21);
  for (const PictureFormat format : {PictureFormat::png8, PictureFormat::png16}) {
    const int bits = format == PictureFormat::png8 ? 8 : 16;
    const auto expected = srgb_code_values(image, bits);
    const Bytes file = *encode_picture(image, {}, {"a.png", format, ExrType::half}, some_metadata());
    int width = 0, height = 0, channels = 0;
    std::vector<std::uint16_t> decoded;
    if (bits == 8) {
      stbi_uc* pixels =
          stbi_load_from_memory(uc(file), static_cast<int>(file.size()), &width, &height, &channels, 0);
      REQUIRE(pixels != nullptr);
      decoded.assign(pixels, pixels + expected.size());
      stbi_image_free(pixels);
    } else {
      stbi_us* pixels =
          stbi_load_16_from_memory(uc(file), static_cast<int>(file.size()), &width, &height, &channels, 0);
      REQUIRE(pixels != nullptr);
      decoded.assign(pixels, pixels + expected.size());
      stbi_image_free(pixels);
    }
    CHECK((width == 37 && height == 21 && channels == 3));
    CHECK(decoded == expected);
    const auto texts = *inspect_png(file);
    CHECK(value_of(texts, "size") == "37x21");
    CHECK(value_of(texts, "bits") == std::to_string(bits));
    CHECK(value_of(texts, "octane/scene") ==
          "k\xc3\xbc"
          "che.gltf");
    CHECK(value_of(texts, "octane/samples") == "256");
  }
}

TEST_CASE("float EXR pixels come back bit for bit, half ones rounded", "[film]") {
  Image image = ramp(33, 20);
  image.rgb[0] = 1e6f;  // beyond half
  for (const ExrType type : {ExrType::half, ExrType::single}) {
    const Bytes file = *encode_picture(image, {}, {"a.exr", PictureFormat::exr, type}, some_metadata());
    float* rgba = nullptr;
    int width = 0, height = 0;
    const char* message = nullptr;
    REQUIRE(LoadEXRFromMemory(&rgba, &width, &height, uc(file), file.size(), &message) == TINYEXR_SUCCESS);
    CHECK((width == 33 && height == 20));
    for (std::size_t i = 0; i < std::size_t{33} * 20; ++i) {
      REQUIRE(rgba[i * 4 + 3] == 1.0f);
      for (std::size_t c = 0; c < 3; ++c) {
        const float expected = image.rgb[i * 3 + c];
        if (type == ExrType::single) {
          REQUIRE(rgba[i * 4 + c] == expected);
        } else if (expected > 65504) {
          REQUIRE(rgba[i * 4 + c] == 65504.0f);
        } else {
          REQUIRE(rgba[i * 4 + c] == Approx(expected).epsilon(0.0005).margin(1e-7));
        }
      }
    }
    std::free(rgba);
    const auto texts = *inspect_exr(file);
    CHECK(value_of(texts, "octane/samples") == "256");
    CHECK(value_of(texts, "channels").find(type == ExrType::half ? "R half" : "R 32 bit") !=
          std::string::npos);
  }
}

TEST_CASE("worldToCamera and worldToNDC put a point where the camera sees it", "[film]") {
  PictureMetadata metadata;
  Camera camera{};
  // at (1, 2, 3), looking along +X, up +Y: its -Z is +X, its +X is +Z
  camera.world_from_camera = {{0, 0, -1, 1, 0, 1, 0, 2, 1, 0, 0, 3}};
  camera.half_width = 2;
  camera.half_height = 1;
  camera.focus_distance = 1;
  metadata.camera = camera;
  const Bytes file =
      *encode_picture(ramp(4, 2), {}, {"a.exr", PictureFormat::exr, ExrType::single}, metadata);
  EXRVersion version;
  EXRHeader header;
  InitEXRHeader(&header);
  const char* message = nullptr;
  REQUIRE(ParseEXRVersionFromMemory(&version, uc(file), file.size()) == TINYEXR_SUCCESS);
  REQUIRE(ParseEXRHeaderFromMemory(&header, &version, uc(file), file.size(), &message) == TINYEXR_SUCCESS);
  float to_camera[16] = {}, to_ndc[16] = {};
  for (int i = 0; i < header.num_custom_attributes; ++i) {
    const EXRAttribute& attribute = header.custom_attributes[i];
    if (std::string(attribute.name) == "worldToCamera")
      std::memcpy(to_camera, attribute.value, sizeof to_camera);
    if (std::string(attribute.name) == "worldToNDC") std::memcpy(to_ndc, attribute.value, sizeof to_ndc);
  }
  FreeEXRHeader(&header);
  const float world[4] = {11, 4, 8, 1};  // 10 ahead, 2 up, 5 to the right
  float in_camera[4] = {}, in_ndc[4] = {};
  for (int column = 0; column < 4; ++column) {
    for (int row = 0; row < 4; ++row) {
      in_camera[column] += world[row] * to_camera[row * 4 + column];
      in_ndc[column] += world[row] * to_ndc[row * 4 + column];
    }
  }
  CHECK(in_camera[0] == Approx(5));
  CHECK(in_camera[1] == Approx(2));
  CHECK(in_camera[2] == Approx(10));
  CHECK(in_ndc[0] / in_ndc[3] == Approx(0.5 + 0.5 * 0.5 / 2));
  CHECK(in_ndc[1] / in_ndc[3] == Approx(0.5 - 0.5 * 0.2 / 1));
}

TEST_CASE("damaged pictures are refused by inspect without harm", "[film]") {
  const TempDir folder;
  for (const PictureFormat format : {PictureFormat::png8, PictureFormat::exr}) {
    const Bytes file = *encode_picture(ramp(9, 9), {}, {"a", format, ExrType::half}, some_metadata());
    for (std::size_t size = 0; size < file.size(); size += 7) {
      REQUIRE(write_file_by_renaming(folder.file("cut"), ByteView(file).first(size)));
      const auto texts = inspect_picture(folder.file("cut"));
      if (!texts) CHECK(texts.error().kind == ErrorKind::invalid_input);
    }
  }
  CHECK_FALSE(inspect_picture(folder.file("missing")));
}

TEST_CASE("inspect shows nothing that could move a cursor", "[film]") {
  PictureMetadata metadata;
  metadata.texts = {{"octane/scene", "a\x1b[2Jb\nc"}};
  for (const PictureFormat format : {PictureFormat::png8, PictureFormat::exr}) {
    const Bytes file = *encode_picture(ramp(3, 3), {}, {"a", format, ExrType::half}, metadata);
    CHECK(value_of(*inspect_picture(ByteView(file)), "octane/scene") == "a?[2Jb?c");
  }
}

TEST_CASE("an EXR header that lies about its sizes is an error, not memory", "[film]") {
  const Bytes good =
      *encode_picture(ramp(9, 9), {}, {"a", PictureFormat::exr, ExrType::half}, some_metadata());
  const std::string text(reinterpret_cast<const char*>(good.data()), good.size());
  const auto with = [&](const char* attribute, std::size_t name_and_type, std::uint32_t size) {
    Bytes bad = good;
    const std::size_t at = text.find(attribute) + name_and_type;
    std::memcpy(bad.data() + at, &size, sizeof size);
    return inspect_picture(ByteView(bad));
  };
  CHECK(with("compression", sizeof "compression" + sizeof "compression", 1).has_value());  // the right place
  for (const std::uint32_t size : {0x7fffffffu, 0x80000000u, 0xffffffffu, 100'000u}) {
    CHECK_FALSE(with("compression", sizeof "compression" + sizeof "compression", size).has_value());
    CHECK_FALSE(with("channels", sizeof "channels" + sizeof "chlist", size).has_value());
    CHECK_FALSE(with("octane/scene", sizeof "octane/scene" + sizeof "string", size).has_value());
  }
}
