#include "master/film_output.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/file.hpp"
#include "master/checkpoint.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/temp_dir.hpp"

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

using namespace oct;
using oct::test::TempDir;

namespace {

FilmSource of_seed(std::uint32_t seed) {
  FilmSource source;
  source.scene_name = "room.glb";
  source.scene_hash = sha256(bytes_of_value(seed));
  source.camera.half_width = source.camera.half_height = 1;
  return source;
}

/// A film of so many samples, all of them or those of the first pass, and what ends it.
struct EndingRig {
  explicit EndingRig(std::uint32_t samples, bool complete = true)
      : settings(a_setting(40, 40, samples)), film(settings) {
    ending.source = of_seed(1);
    ending.outputs = {{folder.file("a.png"), PictureFormat::png8, ExrType::half}};
    ending.checkpoint = folder.file("a.octcheck");
    ending.complete = complete;
    ending.units.filled = merge_into(film, complete);
  }

  UnitBits merge_into(Film& into, bool all) const {
    const RenderSettings& its = into.settings();
    UnitBits filled(unit_count(its), false);
    for (std::uint32_t pass = 0; pass < (all ? pass_count(its) : 1); ++pass) {
      for (std::uint32_t tile = 0; tile < tile_count(its); ++tile) {
        into.merge(a_contribution(its, {tile, pass, pass + 1}));
        filled[std::size_t{pass} * tile_count(its) + tile] = true;
      }
    }
    return filled;
  }
  /// A film file of a render of so many samples.
  void write(const std::string& path, const FilmSource& source, std::uint32_t samples, bool all) const {
    Film other(a_setting(40, 40, samples));
    const UnitBits filled = merge_into(other, all);
    REQUIRE(write_film_file(path, source, other, filled));
  }
  bool exists(const std::string& name) const { return std::filesystem::exists(folder.path() / name); }

  TempDir folder;
  RenderSettings settings;
  Film film;
  FrameEnding ending;
};

}  // namespace

TEST_CASE("when the pictures are complete the film files of the render go", "[master]") {
  EndingRig rig(20);
  rig.ending.older_checkpoint = rig.folder.file("older.octcheck");
  rig.write(rig.ending.checkpoint, of_seed(1), 20, false);
  SECTION("both are of it, and not further") {
    rig.write(rig.ending.older_checkpoint, of_seed(1), 20, false);
  }
  SECTION("the older one is as far") {
    rig.write(rig.ending.older_checkpoint, of_seed(1), 20, true);
  }
  SECTION("there is no older one") {}
  const FilmResult result = end_frame_film(rig.film, rig.ending);
  CHECK(result.pictures.written == std::vector<std::string>{rig.folder.file("a.png")});
  CHECK(result.film_file.empty());
  CHECK_FALSE(rig.exists("a.octcheck"));
  CHECK_FALSE(rig.exists("older.octcheck"));
}

TEST_CASE("film files of other renders, and those that are further, stay", "[master]") {
  EndingRig rig(4);
  rig.ending.older_checkpoint = rig.folder.file("older.octcheck");
  SECTION("further") {
    rig.write(rig.ending.checkpoint, of_seed(1), 20, true);
    rig.write(rig.ending.older_checkpoint, of_seed(1), 20, true);
  }
  SECTION("of another render") {
    rig.write(rig.ending.checkpoint, of_seed(2), 4, false);
    rig.write(rig.ending.older_checkpoint, of_seed(2), 4, false);
  }
  SECTION("not a film file at all") {
    REQUIRE(write_file_by_renaming(rig.ending.checkpoint, std::as_bytes(std::span("text", 4))));
    REQUIRE(write_file_by_renaming(rig.ending.older_checkpoint, std::as_bytes(std::span("text", 4))));
  }
  const FilmResult result = end_frame_film(rig.film, rig.ending);
  CHECK(result.pictures.errors.empty());
  CHECK(result.film_file.empty());
  CHECK(rig.exists("a.octcheck"));
  CHECK(rig.exists("older.octcheck"));
}

TEST_CASE("an exposure is recommended where it shows more", "[master]") {
  const auto better_for = [](float everywhere, float in_a_corner) {
    Image image{20, 10, std::vector<float>(600, everywhere)};
    for (std::size_t i = 0; i < 3; ++i) image.rgb[i] = in_a_corner;
    return write_outputs(ImageRows(image), {}, {}, {}).better_exposure;
  };
  CHECK(better_for(0.001f, 0.001f).value() > 1);
  CHECK(better_for(100, 100).value() < 1);
  CHECK_FALSE(better_for(0, 0));
  CHECK_FALSE(better_for(0, 1000));
  CHECK_FALSE(better_for(0.5f, 0.5f));
}

TEST_CASE("a film that lacks samples is kept, and takes no older one along", "[master]") {
  EndingRig rig(20, false);
  rig.ending.older_checkpoint = rig.folder.file("older.octcheck");
  rig.write(rig.ending.older_checkpoint, of_seed(1), 20, false);
  const FilmResult result = end_frame_film(rig.film, rig.ending);
  CHECK(result.film_file == rig.ending.checkpoint);
  CHECK(result.samples_kept == rig.film.samples_merged());
  CHECK(rig.exists("older.octcheck"));
}

TEST_CASE("a checkpoint that holds wrong samples is replaced by one of fewer", "[master]") {
  EndingRig rig(20, false);
  rig.write(rig.ending.checkpoint, of_seed(1), 20, true);
  const FilmResult further = end_frame_film(rig.film, rig.ending);
  CHECK(further.samples_kept > rig.film.samples_merged());
  CHECK(read_film_file_header(further.film_file)->samples_merged() == further.samples_kept);
  rig.ending.is_checkpoint_outdated = true;
  const FilmResult fewer = end_frame_film(rig.film, rig.ending);
  CHECK(fewer.samples_kept == rig.film.samples_merged());
  CHECK(read_film_file_header(fewer.film_file)->samples_merged() == fewer.samples_kept);
}

TEST_CASE("checkpoints never go back, except when what was kept proved to be wrong", "[master]") {
  const Instant start{};
  CheckpointSchedule schedule(seconds(60), 1000, start);
  CHECK_FALSE(schedule.begin(start + seconds(61), 900));
  schedule.outdated(start + seconds(61));
  CHECK(schedule.begin(start + seconds(61), 900));  // at once
  schedule.ended(false, 900, start + seconds(62));
  CHECK_FALSE(schedule.begin(start + seconds(63), 900));
  CHECK(schedule.begin(start + seconds(122), 0));  // even nothing is better
  schedule.ended(true, 0, start + seconds(123));
  CHECK_FALSE(schedule.begin(start + seconds(200), 0));
  CHECK(schedule.begin(start + seconds(200), 500));
  schedule.outdated(start + seconds(201));  // what is being written
  CHECK_FALSE(schedule.begin(start + seconds(201), 400));
  schedule.ended(true, 500, start + seconds(202));
  CHECK(schedule.begin(start + seconds(202), 400));
  schedule.ended(true, 400, start + seconds(203));
  CHECK_FALSE(schedule.begin(start + seconds(300), 400));
}

TEST_CASE("a film is kept with who filled it", "[master]") {
  EndingRig rig(20, false);
  rig.ending.units.history.sources.resize(1);
  rig.ending.units.history.sources[0].tiles.append(3);
  const FilmResult result = end_frame_film(rig.film, rig.ending);
  CHECK(read_film_file_header(result.film_file)->history.sources == rig.ending.units.history.sources);
}

TEST_CASE("the film is kept as soon as somebody wants an end while pictures are written", "[master]") {
  EndingRig rig(4);
  int asked = 0;
  bool kept_before = true, kept_after = false;
  rig.ending.is_urgent = [&] {
    ++asked;
    if (asked <= 2) kept_before = rig.exists("a.octcheck");
    if (asked == 3) kept_after = rig.exists("a.octcheck");
    return asked >= 2;
  };
  const FilmResult result = end_frame_film(rig.film, rig.ending);
  REQUIRE(asked >= 3);
  CHECK_FALSE(kept_before);  // without a reason it costs nothing
  CHECK(kept_after);
  CHECK(result.pictures.errors.empty());
  CHECK(result.film_file.empty());
  CHECK_FALSE(rig.exists("a.octcheck"));
}

TEST_CASE("a picture that cannot be written leaves the film, and says what would help", "[master]") {
  EndingRig rig(4);
  REQUIRE(write_file_by_renaming(rig.folder.file("file"), std::as_bytes(std::span("text", 4))));
  rig.ending.outputs.push_back({rig.folder.file("file/b.png"), PictureFormat::png8, ExrType::half});
  const FilmResult result = end_frame_film(rig.film, rig.ending);
  REQUIRE(result.pictures.errors.size() == 1);
  CHECK(result.pictures.errors[0].help == "remove the file that is where its folder should be");
  CHECK(result.film_file == rig.ending.checkpoint);
  CHECK(read_film_file(result.film_file)->film.hash() == rig.film.hash());
}

TEST_CASE("a picture for which memory is short leaves the older file and says so", "[master]") {
  class NoMemory : public PictureRows {
   public:
    NoMemory() : PictureRows(20, 20) {}
    Image rows(std::uint32_t, std::uint32_t) const override { throw std::bad_alloc(); }
  };
  const TempDir folder;
  const std::string path = folder.file("a.exr");
  REQUIRE(write_file_by_renaming(path, std::as_bytes(std::span("text", 4))));
  const auto written = write_picture(NoMemory(), ToneMap{}, {path, PictureFormat::exr, ExrType::half}, {});
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == ErrorKind::output);
  CHECK(written.error().message == path + ": not enough memory");
  CHECK(written.error().help == "leave this program more memory");
  CHECK(read_file(path)->size() == 4);
}

#if !defined(_WIN32)
TEST_CASE("while a FIFO waits for its reader the film is kept in a file", "[master]") {
  EndingRig rig(4);
  const std::string fifo = rig.folder.file("a.png");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  FilmResult result;
  std::thread writer([&] { result = end_frame_film(rig.film, rig.ending); });
  const auto picture = read_file(fifo);
  writer.join();
  REQUIRE(picture);
  CHECK(picture->size() > 100);
  CHECK(result.pictures.errors.empty());
  CHECK(result.film_file.empty());
  CHECK_FALSE(rig.exists("a.octcheck"));

  bool was_kept = false;
  rig.ending.is_urgent = [&] {
    was_kept = rig.exists("a.octcheck");
    return false;
  };
  std::thread again([&] { result = end_frame_film(rig.film, rig.ending); });
  CHECK(read_file(fifo));
  again.join();
  CHECK(was_kept);

  rig.ending.outputs[0].path = "/dev/null";
  was_kept = true;
  end_frame_film(rig.film, rig.ending);
  CHECK_FALSE(was_kept);
}
#endif
