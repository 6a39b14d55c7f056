#include "fuzz/corpus.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/mutation.hpp"
#include "support/scene_samples.hpp"

#include "float_image_fuzz.cpp"
#include "gltf_fuzz.cpp"
#include "image_fuzz.cpp"
#include "inspect_fuzz.cpp"
#include "mtl_fuzz.cpp"
#include "obj_fuzz.cpp"
#include "render_data_fuzz.cpp"

namespace oct {
namespace {

struct SceneTarget {
  const char* name;
  void (*run)(ByteView);
  std::vector<Bytes> samples;
  int rounds = 1500;  ///< of mutations, for each sample
};

/// As `octane_master` writes it.
Bytes our_picture(PictureFormat format) {
  Image image{7, 5, std::vector<float>(7 * 5 * 3, 0.5f)};
  FilmSource source;
  source.scene_name = "room.glb";
  source.camera.half_width = source.camera.half_height = 1;
  const PictureMetadata metadata = picture_metadata(source, Film(a_setting(7, 5, 16)), Digest{});
  return encode_picture(image, {}, {"a", format, ExrType::half}, metadata).value();
}

std::vector<SceneTarget> targets() {
  using namespace test;
  std::vector<Bytes> pictures{sample_hdr()};
  for (const unsigned compression : {0u, 1u, 2u, 3u, 4u, 5u}) pictures.push_back(sample_exr(compression));
  return {{"float_image", fuzz_float_image, pictures},
          {"gltf", fuzz_gltf, {sample_glb(), sample_gltf(), sample_posed_gltf()}},
          {"image", fuzz_image, {sample_png(), sample_jpeg()}},
          {"inspect",
           fuzz_inspect,
           {sample_exr(3), sample_png(), our_picture(PictureFormat::exr), our_picture(PictureFormat::png8)}},
          {"mtl", fuzz_mtl, {sample_mtl()}},
          {"obj", fuzz_obj, {sample_obj()}},
          {"render_data", fuzz_render_data, corpus_of("render_data"), 100}};
}

TEST_CASE("every importer survives its corpus and its former crashes", "[fuzz][scene]") {
  for (const SceneTarget& target : targets()) {
    INFO(target.name);
    const auto inputs = corpus_of(target.name);
    CHECK_FALSE(inputs.empty());
    for (const Bytes& input : inputs) target.run(input);
  }
}

// Whatever happens to the bytes of a file, an importer returns a scene or an error. Sanitizers watch.
TEST_CASE("every importer survives mutations of good files", "[fuzz][scene]") {
  std::uint64_t seed = 1;
  for (const SceneTarget& target : targets()) {
    for (const Bytes& sample : target.samples) {
      target.run(sample);
      for (int round = 0; round < target.rounds; ++round, ++seed) {
        test::Random random(seed);
        INFO(target.name << ", seed " << seed);
        target.run(round % 2 == 0 ? test::mutate_digits(sample, random) : test::mutate(sample, random));
      }
    }
  }
  CHECK(seed > 15'000);
}

}  // namespace
}  // namespace oct
