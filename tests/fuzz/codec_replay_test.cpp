#include <meshoptimizer.h>

#include "fuzz/corpus.hpp"
#include "support/catch.hpp"
#include "support/codec_samples.hpp"
#include "support/mutation.hpp"
#include "support/picture_files.hpp"
#include "support/scene_samples.hpp"

#include "draco_fuzz.cpp"
#include "exr_fuzz.cpp"
#include "hdr_fuzz.cpp"
#include "jpeg_fuzz.cpp"
#include "meshopt_fuzz.cpp"
#include "png_fuzz.cpp"
#include "tga_bmp_fuzz.cpp"
#include "tiff_fuzz.cpp"
#include "webp_fuzz.cpp"

namespace oct {
namespace {

struct CodecTarget {
  const char* name;
  void (*run)(ByteView);
  std::vector<Bytes> samples;
};

/// As fuzz_meshopt takes it: what is asked for, then the packed data.
Bytes asked(unsigned count, unsigned stride, unsigned mode, unsigned filter,
            const std::vector<unsigned char>& packed) {
  return test::ByteWriter()
      .u8(count / 3)
      .u8(stride)
      .u8(mode)
      .u8(filter)
      .raw(std::as_bytes(std::span(packed)))
      .bytes;
}

std::vector<Bytes> meshopt_samples() {
  std::vector<unsigned> words(60);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = static_cast<unsigned>(i * 7 % 20);
  std::vector<unsigned char> vertices(meshopt_encodeVertexBufferBound(15, 16));
  vertices.resize(meshopt_encodeVertexBuffer(vertices.data(), vertices.size(), words.data(), 15, 16));
  std::vector<unsigned char> quads(meshopt_encodeVertexBufferBound(30, 8));
  quads.resize(meshopt_encodeVertexBuffer(quads.data(), quads.size(), words.data(), 30, 8));
  std::vector<unsigned char> triangles(meshopt_encodeIndexBufferBound(60, 20));
  triangles.resize(meshopt_encodeIndexBuffer(triangles.data(), triangles.size(), words.data(), 60));
  std::vector<unsigned char> sequence(meshopt_encodeIndexSequenceBound(60, 20));
  sequence.resize(meshopt_encodeIndexSequence(sequence.data(), sequence.size(), words.data(), 60));
  return {asked(15, 16, 0, 0, vertices), asked(15, 16, 0, 3, vertices), asked(30, 8, 0, 1, quads),
          asked(30, 8, 0, 2, quads),     asked(60, 4, 1, 0, triangles), asked(60, 2, 2, 0, sequence)};
}

std::vector<Bytes> tiff_samples() {
  test::TiffMaker maker;
  maker.values.assign(12, 100);
  std::vector<Bytes> samples{maker.file()};
  maker.compression = 5;
  maker.tiled = true;
  samples.push_back(maker.file());
  maker.compression = 8;
  maker.planar = true;
  samples.push_back(maker.file());
  test::TiffMaker palette;
  palette.samples = 1;
  palette.palette = true;
  palette.colors.assign(768, 1000);
  palette.values.assign(4, 3);
  samples.push_back(palette.file());
  return samples;
}

std::vector<Bytes> exr_samples() {
  std::vector<Bytes> samples;
  for (int compression = 0; compression <= 9; ++compression)
    samples.push_back(test::sample_exr_of(compression));
  test::ExrFileMaker parts;
  parts.parts.resize(2);
  parts.parts[0].name = "depth";
  parts.parts[0].channels = {{"Z", 'f'}, {"ZBack", 'f'}};
  parts.parts[1].name = "layer";
  parts.parts[1].channels = {{"a.R"}, {"a.G"}, {"a.B"}};
  parts.parts[1].tile_size = 2;
  samples.push_back(parts.file());
  return samples;
}

std::vector<Bytes> jpeg_samples() {
  test::JpegMaker cmyk;
  cmyk.components = 4;
  cmyk.values.assign(256, 90);
  cmyk.progressive = true;
  return {test::sample_jpeg(), cmyk.file()};
}

std::vector<CodecTarget> codec_targets() {
  using namespace test;
  return {
      {"draco", fuzz_draco, {sample_draco(DracoMethod::sequential), sample_draco(DracoMethod::edgebreaker)}},
      {"exr", fuzz_exr, exr_samples()},
      {"hdr", fuzz_hdr, {sample_hdr()}},
      {"jpeg", fuzz_jpeg, jpeg_samples()},
      {"meshopt", fuzz_meshopt, meshopt_samples()},
      {"png", fuzz_png, {sample_png(), make_png(2, 1, 4, 0, {{0xf5}})}},
      {"tga_bmp",
       fuzz_tga_bmp,
       {make_tga(4, 1, 10, 24, 0, {0x82, 9, 8, 7, 0, 1, 2, 3}), make_bmp(1, 1, {3, 2, 9, 0})}},
      {"tiff", fuzz_tiff, tiff_samples()},
      {"webp", fuzz_webp, {sample_webp(), sample_lossy_webp()}}};
}

TEST_CASE("every decoder of formats survives its corpus and its former crashes", "[fuzz][codec]") {
  for (const CodecTarget& target : codec_targets()) {
    INFO(target.name);
    const auto inputs = corpus_of(target.name);
    CHECK_FALSE(inputs.empty());
    for (const Bytes& input : inputs) target.run(input);
  }
}

// Whatever happens to the bytes of a file, a decoder returns pixels, a mesh, or an error. Sanitizers watch.
TEST_CASE("every decoder survives mutations of good files", "[fuzz][codec]") {
  std::uint64_t seed = 1;
  for (const CodecTarget& target : codec_targets()) {
    for (const Bytes& sample : target.samples) {
      target.run(sample);
      for (int round = 0; round < 1000; ++round, ++seed) {
        test::Random random(seed);
        INFO(target.name << ", seed " << seed);
        target.run(test::mutate(sample, random));
      }
    }
  }
  CHECK(seed > 15'000);
}

}  // namespace
}  // namespace oct
