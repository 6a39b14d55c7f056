#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb_image.h>
#define TINYEXR_USE_MINIZ 0
#define TINYEXR_USE_THREAD 0
#include <zlib.h>
#define TINYEXR_IMPLEMENTATION
#include <tinyexr.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>

#include "base/file.hpp"
#include "film/exr.hpp"
#include "film/film.hpp"
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
  const bool parallel = GENERATE(false, true);
  PictureMetadata metadata;
  Camera camera{};
  // at (1, 2, 3), looking along +X, up +Y: its -Z is +X, its +X is +Z
  camera.world_from_camera = {{0, 0, -1, 1, 0, 1, 0, 2, 1, 0, 0, 3}};
  camera.half_width = 2;
  camera.half_height = 1;
  camera.focus_distance = 1;
  camera.projection = parallel ? Projection::orthographic : Projection::perspective;
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
  CHECK(in_ndc[0] / in_ndc[3] == Approx(0.5 + 0.5 * (parallel ? 5 : 0.5) / 2));
  CHECK(in_ndc[1] / in_ndc[3] == Approx(0.5 - 0.5 * (parallel ? 2 : 0.2) / 1));
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

#if defined(__linux__)
/// Memory that was resident at the most since the last call, kB.
long peak_memory() {
  std::ifstream status("/proc/self/status");
  long peak = 0;
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) peak = std::strtol(line.c_str() + 6, nullptr, 10);
  std::ofstream("/proc/self/clear_refs") << 5;
  return peak;
}

TEST_CASE("a PNG text that lies about its size is an error, not memory", "[film]") {
  Bytes file = *encode_picture(ramp(9, 9), {}, {"a", PictureFormat::png8}, some_metadata());
  REQUIRE(inspect_picture(ByteView(file)).has_value());
  constexpr std::size_t kSecondChunk = 8 + 25;  // behind the signature and the header
  const unsigned char text_of_2_gb[] = {0x7f, 0xff, 0xff, 0x00, 'z', 'T', 'X', 't'};
  std::memcpy(file.data() + kSecondChunk, text_of_2_gb, sizeof text_of_2_gb);
  peak_memory();
  const long before = peak_memory();
  CHECK_FALSE(inspect_picture(ByteView(file)).has_value());
  CHECK(peak_memory() - before < 256 * 1024);
}
#endif

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

namespace {

/// Takes bytes as a pipe does.
class PipeSink : public ByteSink {
 public:
  Result<void> write(ByteView bytes) override {
    largest_ = std::max(largest_, bytes.size());
    return memory_.write(bytes);
  }
  std::size_t largest() const { return largest_; }
  Bytes take() { return memory_.take(); }

 private:
  MemorySink memory_;
  std::size_t largest_ = 0;
};

/// Fails after some bytes, as a full disk does.
class FullSink : public ByteSink {
 public:
  explicit FullSink(std::size_t room) : room_(room) {}
  Result<void> write(ByteView bytes) override {
    if (bytes.size() > room_) return fail(ErrorKind::output, "no room");
    room_ -= bytes.size();
    return {};
  }

 private:
  std::size_t room_;
};

/// Pixels as the library writes and reads them: what the pixels of our files must be, bit for bit.
std::vector<float> library_pixels(const Image& image, int type) {
  const std::size_t pixels = std::size_t{image.width} * image.height;
  std::vector<float> planes[3] = {std::vector<float>(pixels), std::vector<float>(pixels),
                                  std::vector<float>(pixels)};
  for (std::size_t i = 0; i < pixels; ++i)
    for (std::size_t c = 0; c < 3; ++c) planes[2 - c][i] = std::min(image.rgb[i * 3 + c], 65504.0f);
  unsigned char* pointers[3];
  EXRChannelInfo channels[3] = {};
  int given[3], written[3];
  for (std::size_t c = 0; c < 3; ++c) {
    pointers[c] = reinterpret_cast<unsigned char*>(planes[c].data());
    channels[c].name[0] = "BGR"[c];
    given[c] = TINYEXR_PIXELTYPE_FLOAT;
    written[c] = type;
  }
  EXRImage exr;
  EXRHeader header;
  InitEXRImage(&exr);
  InitEXRHeader(&header);
  exr.images = pointers;
  exr.width = static_cast<int>(image.width);
  exr.height = static_cast<int>(image.height);
  exr.num_channels = header.num_channels = 3;
  header.channels = channels;
  header.pixel_types = given;
  header.requested_pixel_types = written;
  header.compression_type = TINYEXR_COMPRESSIONTYPE_ZIP;
  unsigned char* memory = nullptr;
  const char* message = nullptr;
  const std::size_t size = SaveEXRImageToMemory(&exr, &header, &memory, &message);
  REQUIRE(size > 0);
  float* rgba = nullptr;
  int width = 0, height = 0;
  REQUIRE(LoadEXRFromMemory(&rgba, &width, &height, memory, size, &message) == TINYEXR_SUCCESS);
  std::vector<float> result(rgba, rgba + pixels * 4);
  std::free(rgba);
  std::free(memory);
  return result;
}

std::vector<float> our_pixels(const Bytes& file) {
  float* rgba = nullptr;
  int width = 0, height = 0;
  const char* message = nullptr;
  REQUIRE(LoadEXRFromMemory(&rgba, &width, &height, uc(file), file.size(), &message) == TINYEXR_SUCCESS);
  std::vector<float> result(rgba, rgba + std::size_t{4} * static_cast<std::size_t>(width * height));
  std::free(rgba);
  return result;
}

}  // namespace

TEST_CASE("half pixels are those that the library would write, over all exponents", "[film]") {
  Image image{64, 50, {}};
  for (u32 i = 0; i < 64 * 50 * 3; ++i) {
    const u32 bits = i * 447'391u;  // up to 2^32, all signs and exponents
    const float value = std::bit_cast<float>(bits);
    image.rgb.push_back(std::isfinite(value) ? value : 0.0f);
  }
  const Bytes half =
      *encode_picture(image, {}, {"a.exr", PictureFormat::exr, ExrType::half}, some_metadata());
  const auto expected = library_pixels(image, TINYEXR_PIXELTYPE_HALF);
  const auto got = our_pixels(half);
  REQUIRE(got.size() == expected.size());
  CHECK(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)) == 0);
}

TEST_CASE("a pipe gets the same file as a disk, in small pieces", "[film]") {
  Image image = ramp(700, 130);  // noise does not shrink, so there are several pieces
  u32 state = 1;
  for (float& value : image.rgb) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>(state >> 8) / 16777216.0f;
  }
  for (const PictureFormat format :
       {PictureFormat::png8, PictureFormat::png16, PictureFormat::exr, PictureFormat::exr_toned}) {
    const PictureOutput output{"a", format, ExrType::single};
    PipeSink pipe;
    REQUIRE(encode_picture(pipe, ImageRows(image), {}, output, some_metadata()));
    CHECK(pipe.largest() < 300'000);
    const Bytes file = pipe.take();
    CHECK(file == *encode_picture(image, {}, output, some_metadata()));
    CHECK(file.size() > 200'000);
    if (format == PictureFormat::exr) CHECK(our_pixels(file)[4] == image.rgb[3]);
    if (format == PictureFormat::png8) {
      int width = 0, height = 0, channels = 0;
      stbi_uc* pixels =
          stbi_load_from_memory(uc(file), static_cast<int>(file.size()), &width, &height, &channels, 0);
      REQUIRE(pixels != nullptr);
      const auto expected = srgb_code_values(image, 8);
      CHECK(std::equal(expected.begin(), expected.end(), pixels));
      stbi_image_free(pixels);
    }
  }
}

TEST_CASE("a picture of a film is written from its rows, and is almost black by its rows", "[film]") {
  RenderSettings settings{};
  settings.width = 40;
  settings.height = 37;
  settings.samples_per_pixel = 1;
  settings.quantum_log2 = -24;
  settings.contribution_limit = settings.indirect_limit = 1000;
  Film film(settings);
  CHECK(is_almost_black(FilmRows(film), {}));
  for (u32 tile = 0; tile < tile_count(settings); ++tile) {
    FilmContribution contribution{{tile, 0, 1}, {}, 0};
    contribution.sums.resize(std::size_t{pixel_count(tile_rect(settings, tile))} * kFilmChannels);
    for (std::size_t i = 0; i < contribution.sums.size(); ++i)
      contribution.sums[i] = static_cast<std::int64_t>((tile * 7919 + i * 104729) % (1u << 25));
    film.merge(contribution);
  }
  CHECK_FALSE(is_almost_black(FilmRows(film), {}));
  const Image image = film.resolve();
  for (const PictureFormat format : {PictureFormat::png16, PictureFormat::exr_toned}) {
    const PictureOutput output{"a", format, ExrType::half};
    MemorySink sink;
    REQUIRE(encode_picture(sink, FilmRows(film), {0.5f, ToneCurve::agx}, output, {}));
    CHECK(sink.take() == *encode_picture(image, {0.5f, ToneCurve::agx}, output, {}));
  }
}

TEST_CASE("a sink that fails ends the writing of a picture", "[film]") {
  const Image image = ramp(300, 100);
  for (const PictureFormat format : {PictureFormat::png16, PictureFormat::exr}) {
    for (const std::size_t room : {std::size_t{0}, std::size_t{700}}) {
      FullSink sink(room);
      const auto written =
          encode_picture(sink, ImageRows(image), {}, {"a", format, ExrType::single}, some_metadata());
      REQUIRE_FALSE(written);
      CHECK(written.error().kind == ErrorKind::output);
    }
  }
}

TEST_CASE("EXR attributes have their types, and inspect shows their values", "[film]") {
  RenderSettings settings{};
  settings.width = settings.height = 4;
  settings.samples_per_pixel = 8;
  settings.quantum_log2 = -24;
  settings.contribution_limit = settings.indirect_limit = 1000;
  settings.seed = 0xffffffffu;  // beyond int
  settings.frame = -3;
  Film film(settings);
  film.merge({{0, 0, 2}, std::vector<std::int64_t>(64, 1), 0});  // 4 of 8 samples
  FilmSource source;
  source.scene_name = "room.glb";
  source.camera.half_width = source.camera.half_height = 1;
  const auto attributes = [&](double rate) {
    source.frames_per_second = rate;
    const Bytes file = *encode_picture(film.resolve(), {}, {"a", PictureFormat::exr, ExrType::half},
                                       picture_metadata(source, film, film.hash()));
    EXRVersion version;
    EXRHeader header;
    InitEXRHeader(&header);
    const char* message = nullptr;
    REQUIRE(ParseEXRVersionFromMemory(&version, uc(file), file.size()) == TINYEXR_SUCCESS);
    REQUIRE(ParseEXRHeaderFromMemory(&header, &version, uc(file), file.size(), &message) == TINYEXR_SUCCESS);
    std::map<std::string, std::string> types;
    for (int i = 0; i < header.num_custom_attributes; ++i)
      types[header.custom_attributes[i].name] = header.custom_attributes[i].type;
    FreeEXRHeader(&header);
    return std::pair(types, *inspect_picture(ByteView(file)));
  };
  auto [types, shown] = attributes(24);
  CHECK(types["octane/version"] == "int");
  CHECK(types["octane/frame"] == "int");
  CHECK(types["octane/samples"] == "int");
  CHECK(types["octane/seed"] == "double");
  CHECK(types["octane/scene"] == "string");
  CHECK(types["octane/filmHash"] == "string");
  CHECK(types["octane/renderKey"] == "string");
  CHECK(types["chromaticities"] == "chromaticities");
  CHECK(types["worldToCamera"] == "m44f");
  CHECK(types["worldToNDC"] == "m44f");
  CHECK(types["framesPerSecond"] == "rational");
  CHECK(value_of(shown, "octane/frame") == "-3");
  CHECK(value_of(shown, "octane/samples") == "4");
  CHECK(value_of(shown, "octane/seed") == "4294967295");
  CHECK(value_of(shown, "chromaticities") == "0.64 0.33 0.3 0.6 0.15 0.06 0.3127 0.329");
  CHECK(value_of(shown, "octane/renderKey") == render_key(source, settings).short_text());
  CHECK(value_of(shown, "framesPerSecond") == "24");
  CHECK(value_of(shown, "screenWindowWidth") == "(missing)");
  CHECK(value_of(attributes(23.976).second, "framesPerSecond") == "24000/1001");
  CHECK(value_of(attributes(29.97).second, "framesPerSecond") == "30000/1001");
  CHECK(value_of(attributes(12.5).second, "framesPerSecond") == "12500/1000");
}
