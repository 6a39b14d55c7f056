#include "master/preview.hpp"

#include <filesystem>

#include "base/file.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/loop_thread.hpp"
#include "support/temp_dir.hpp"

using namespace oct;

namespace {

const Instant kPreviewStart{};

/// 40 x 150, its upper part rendered: rows of several pieces.
RenderSettings preview_settings() {
  return a_setting(40, 150, 4);
}

std::vector<FilmContribution> preview_contributions() {
  std::vector<FilmContribution> some;
  for (std::uint32_t tile = 0; tile < 25; ++tile)
    some.push_back(a_contribution(preview_settings(), UnitRange{tile, 0, 1}));
  return some;
}

Bytes preview_expected(const ToneMap& tone_map, const PictureTexts& texts) {
  Film film(preview_settings());
  for (const FilmContribution& contribution : preview_contributions()) film.merge(contribution);
  return *encode_picture(film.resolve(), tone_map, PictureOutput{},
                         PictureMetadata{{}, texts, std::nullopt, 0});
}

}  // namespace

TEST_CASE("a preview comes at its interval when something was merged", "[master][preview]") {
  PreviewSchedule schedule(seconds(5), kPreviewStart);
  CHECK_FALSE(schedule.begin(kPreviewStart + milliseconds(4999), 10));
  CHECK_FALSE(schedule.begin(kPreviewStart + seconds(5), 0));
  CHECK(schedule.begin(kPreviewStart + seconds(6), 10));
  CHECK_FALSE(schedule.idle());
  schedule.ended();
  CHECK(schedule.idle());
  CHECK_FALSE(schedule.begin(kPreviewStart + milliseconds(10999), 20));
  CHECK_FALSE(schedule.begin(kPreviewStart + seconds(11), 10));
  CHECK(schedule.begin(kPreviewStart + seconds(11), 11));
}

TEST_CASE("a preview waits for the one before", "[master][preview]") {
  PreviewSchedule schedule(seconds(5), kPreviewStart);
  REQUIRE(schedule.begin(kPreviewStart + seconds(5), 1));
  CHECK_FALSE(schedule.begin(kPreviewStart + seconds(20), 2));
  schedule.ended();
  CHECK(schedule.begin(kPreviewStart + seconds(20), 2));
}

TEST_CASE("the last preview shows the end, unless it is shown", "[master][preview]") {
  PreviewSchedule schedule(seconds(5), kPreviewStart);
  CHECK_FALSE(schedule.begin_last(0));
  REQUIRE(schedule.begin(kPreviewStart + seconds(5), 7));
  CHECK(schedule.begin_last(7));  // the one under way may have looked too early
  schedule.ended();
  CHECK_FALSE(schedule.idle());
  schedule.ended();
  CHECK_FALSE(schedule.begin_last(7));
  CHECK(schedule.begin_last(8));
}

TEST_CASE("a preview is the picture that the film would give", "[master][preview]") {
  const test::TempDir folder;
  FilmWorker film{Film(preview_settings())};
  for (FilmContribution& contribution : preview_contributions()) film.merge(std::move(contribution));
  const PreviewChoice choice{folder.file("p.png"), seconds(1), ToneMap{3.0f, ToneCurve::aces}};
  const PictureTexts texts{{"octane/scene", "a"}};
  std::atomic<bool> stop = false;
  REQUIRE(write_preview(film, choice, texts, stop));
  CHECK(*read_file(choice.path) == preview_expected(choice.tone_map, texts));

  stop = true;
  const auto stopped = write_preview(film, choice, {}, stop);
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == ErrorKind::cancelled);
  CHECK(*read_file(choice.path) == preview_expected(choice.tone_map, texts));
}

TEST_CASE("previews are written while the film grows, and a last one", "[master][preview]") {
  const test::TempDir folder;
  test::LoopThread thread;
  FilmWorker film{Film(preview_settings())};
  const PreviewChoice choice{folder.file("p.png"), seconds(1), {}};
  std::unique_ptr<Preview> preview;
  thread.on_loop([&] {
    preview =
        std::make_unique<Preview>(thread.loop(), choice, [](const Error& error) { FAIL(error.message); });
    preview->start(film, {}, kPreviewStart);
    preview->on_tick(kPreviewStart + seconds(1), 1);
  });
  CHECK(thread.wait_until([&] { return preview->idle(); }));
  CHECK(std::filesystem::exists(choice.path));
  for (FilmContribution& contribution : preview_contributions()) film.merge(std::move(contribution));
  thread.on_loop([&] { preview->finish(2); });
  CHECK(thread.wait_until([&] { return preview->idle(); }));
  CHECK(*read_file(choice.path) == preview_expected({}, {}));
  thread.on_loop([&] { preview.reset(); });
}

TEST_CASE("a preview that cannot be written is said once", "[master][preview]") {
  const test::TempDir folder;
  REQUIRE(write_file_by_renaming(folder.file("plain"), {}));
  test::LoopThread thread;
  FilmWorker film{Film(preview_settings())};
  std::vector<Error> errors;
  std::unique_ptr<Preview> preview;
  thread.on_loop([&] {
    preview =
        std::make_unique<Preview>(thread.loop(), PreviewChoice{folder.file("plain/p.png"), seconds(1), {}},
                                  [&](const Error& error) { errors.push_back(error); });
    preview->start(film, {}, kPreviewStart);
  });
  for (int i = 1; i < 3; ++i) {
    thread.on_loop([&] {
      preview->on_tick(kPreviewStart + seconds(i), static_cast<std::uint64_t>(i));
      CHECK_FALSE(preview->idle());
    });
    CHECK(thread.wait_until([&] { return preview->idle(); }));
  }
  thread.on_loop([&] { preview.reset(); });
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].kind == ErrorKind::output);
}

TEST_CASE("a preview is a file", "[master][preview]") {
  const test::TempDir folder;
  CHECK(check_preview(folder.file("p.png")));
  CHECK_FALSE(std::filesystem::exists(folder.file("p.png")));
  CHECK_FALSE(check_preview(folder.path().string()));
#if !defined(_WIN32)
  CHECK_FALSE(check_preview("/dev/null"));
#endif
}
