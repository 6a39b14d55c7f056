#include "master/done_picture.hpp"

#include <filesystem>
#include <fstream>

#include "film/film.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// A finished frame, and the files that it was written to.
struct DoneFrame {
  DoneFrame() {
    source.scene_name = "shot.glb";
    settings.width = 8;
    settings.height = 4;
    settings.samples_per_pixel = 3;
    settings.quantum_log2 = -24;
    settings.contribution_limit = settings.indirect_limit = 65536;
    wanted = {render_key(source, settings), 3, {2.5f, ToneCurve::agx}};
    metadata = picture_metadata(source, Film(settings), Digest{});
    metadata.numbers[2].second = 3;  // octane/samples
    outputs = {{folder.file("a.exr"), PictureFormat::exr, ExrType::half},
               {folder.file("b.exr"), PictureFormat::exr_toned, ExrType::single},
               {folder.file("c.png"), PictureFormat::png8},
               {folder.file("d.png"), PictureFormat::png16}};
    for (const PictureOutput& output : outputs) write(output, metadata);
  }
  void write(const PictureOutput& output, const PictureMetadata& texts) {
    const Image image{8, 4, std::vector<float>(8 * 4 * 3, 0.5f)};
    REQUIRE(
        write_picture(image, wanted.tone_map, output, with_display(texts, output.format, wanted.tone_map)));
  }
  std::optional<std::string> hash() const {
    const auto done = find_done(outputs, wanted);
    return done ? std::optional(done->film_hash) : std::nullopt;
  }

  TempDir folder;
  FilmSource source;
  RenderSettings settings{};
  WantedPicture wanted;
  PictureMetadata metadata;
  std::vector<PictureOutput> outputs;
};

}  // namespace

TEST_CASE_METHOD(DoneFrame, "a frame whose pictures show just this is done", "[master]") {
  CHECK(hash() == Digest{}.short_text());
}

TEST_CASE_METHOD(DoneFrame, "a frame is not done with another key, sample count or look", "[master]") {
  SECTION("another render") {
    wanted.render_key.bytes[3] ^= 1;
  }
  SECTION("more samples") {
    wanted.samples_per_pixel = 4;
  }
  SECTION("fewer samples") {
    wanted.samples_per_pixel = 2;
  }
  SECTION("samples that a rule ends") {
    wanted.until = "noise 0.02";
  }
  SECTION("another exposure") {
    wanted.tone_map.exposure = 2.25f;
  }
  SECTION("an exposure that is chosen") {
    wanted.tone_map.auto_exposure = true;
  }
  SECTION("another curve") {
    wanted.tone_map.curve = ToneCurve::aces;
  }
  SECTION("other channels") {
    outputs[0].exr_type = ExrType::single;
  }
  SECTION("other bits") {
    outputs[2].format = PictureFormat::png16;
  }
  SECTION("scene-linear in place of a display") {
    outputs[1].format = PictureFormat::exr;
  }
  SECTION("a display in place of scene-linear") {
    outputs[0].format = PictureFormat::exr_toned;
  }
  SECTION("one more output") {
    outputs.push_back({folder.file("e.png")});
  }
  SECTION("something else of that name") {
    std::ofstream(outputs[3].path) << "text";
  }
  SECTION("a file that broke off") {
    const std::string& path = outputs[GENERATE(0, 1, 2, 3)].path;
    std::filesystem::resize_file(path, std::filesystem::file_size(path) * 2 / 3);
  }
  SECTION("a file whose end was overwritten") {
    const std::string& path = outputs[GENERATE(0, 1, 2, 3)].path;
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(size - 40);
    file.write(std::string(40, '\0').data(), 40);
  }
  SECTION("one file is of another film") {
    metadata.texts[1].second = "sha256:11";
    write(outputs[3], metadata);
  }
  CHECK_FALSE(hash());
}

TEST_CASE_METHOD(DoneFrame, "a frame that a rule has ended is done by the same rule, whatever it gave",
                 "[master]") {
  wanted.until = "noise 0.02";
  wanted.samples_per_pixel = 4096;
  for (const PictureOutput& output : outputs) write(output, with_rule(metadata, wanted.until, 4096));
  CHECK(hash());
  SECTION("another threshold") {
    wanted.until = "noise 0.03";
  }
  SECTION("more samples at most") {
    wanted.samples_per_pixel = 5000;
  }
  SECTION("no rule") {
    wanted.until.clear();
    wanted.samples_per_pixel = 3;  // as many as it has on average
  }
  CHECK_FALSE(hash());
}

TEST_CASE_METHOD(DoneFrame, "what does not show in a picture does not matter for it", "[master]") {
  wanted.tone_map = {1, ToneCurve::none};
  outputs.resize(1);
  CHECK(hash());  // it is scene-linear
}

TEST_CASE_METHOD(DoneFrame, "a frame is there when all its names are, and no checkpoint", "[master]") {
  const std::string checkpoint = folder.file("a.octcheck");
  CHECK(all_are_there(outputs, checkpoint));
  std::ofstream(checkpoint) << "a film";
  CHECK_FALSE(all_are_there(outputs, checkpoint));
  outputs.push_back({folder.file("e.png")});
  CHECK_FALSE(all_are_there(outputs, folder.file("none.octcheck")));
#if !defined(_WIN32)
  CHECK_FALSE(all_are_there({{"/dev/null"}}, ""));
#endif
}
