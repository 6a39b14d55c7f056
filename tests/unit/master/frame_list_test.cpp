#include "master/frame_list.hpp"

#include "master/frame_names.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

using Frames = std::vector<std::int32_t>;

Frames frames_of(const std::vector<std::string>& items) {
  const auto frames = frames_from_items(items);
  INFO((frames ? std::string() : frames.error().message));
  REQUIRE(frames);
  return *frames;
}

void check_refused(const std::vector<std::string>& items, const std::string& words) {
  const auto frames = frames_from_items(items);
  INFO(items.front());
  REQUIRE_FALSE(frames);
  CHECK(frames.error().kind == ErrorKind::invalid_input);
  CHECK(frames.error().message.find(words) != std::string::npos);
  CHECK_FALSE(frames.error().help.empty());
}

}  // namespace

TEST_CASE("a list of frames has numbers, ranges and steps, in the order in which they are named",
          "[master]") {
  CHECK(frames_of({"7"}) == Frames{7});
  CHECK(frames_of({"-7"}) == Frames{-7});
  CHECK(frames_of({"1-4"}) == Frames{1, 2, 3, 4});
  CHECK(frames_of({"1-8x3"}) == Frames{1, 4, 7});
  CHECK(frames_of({"1-7x3"}) == Frames{1, 4, 7});
  CHECK(frames_of({"-1..1"}) == Frames{-1, 0, 1});
  CHECK(frames_of({"-2-1"}) == Frames{-2, -1, 0, 1});
  CHECK(frames_of({"-3--1"}) == Frames{-3, -2, -1});
  CHECK(frames_of({"5-5"}) == Frames{5});
  CHECK(frames_of({"0001"}) == Frames{1});
  CHECK(frames_of({"10-12", "5", "1-3x2"}) == Frames{10, 11, 12, 5, 1, 3});
  CHECK(frames_of({"1-100000"}).size() == kMostFrames);
}

TEST_CASE("a malformed list of frames is refused with what to type", "[master]") {
  for (const char* item : {"", "a", "1-", "-", "--5", "1..", "1-2-3", "1-5x", "1-5x2x2", "1-5x-2", "1.5",
                           "1 2", "+1", "1-5y2", "1-5x2 "})
    check_refused({item}, "is not a frame or a range of frames");
  check_refused({"9-1"}, "ends with 1, before it begins");
  CHECK(frames_from_items({"9-1"}).error().help == "1..9");
  check_refused({"1-5x0"}, "a step is at least 1");
  check_refused({"3", "1-5"}, "--frames 1-5: frame 3 is named twice");
  check_refused({"10000000"}, "from -9999999 to 9999999");
  check_refused({"-10000000"}, "from -9999999 to 9999999");
  check_refused({"1-99999999999999999999999999"}, "from -9999999 to 9999999");
  check_refused({"1-1000000"}, "more than 100000 frames");
  check_refused({"1-100000", "200000"}, "more than 100000 frames");
  CHECK_FALSE(frames_from_items({}));
}

TEST_CASE("a run of # is the frame's number", "[master]") {
  CHECK(numbered("out/shot.####.exr", 12) == "out/shot.0012.exr");
  CHECK(numbered("out/shot.####.exr", -3) == "out/shot.-0003.exr");
  CHECK(numbered("shot.####.exr", 123456) == "shot.123456.exr");
  CHECK(numbered("shot.#.exr", 0) == "shot.0.exr");
  CHECK(numbered("###/shot_##", 7) == "007/shot_07");
  CHECK(numbered("shot.exr", 7) == "shot.exr");
  CHECK(numbered("", 7).empty());
  CHECK(numbered("C#/out/a.####.exr", 7, "C#/") == "C#/out/a.0007.exr");
  CHECK(numbered("/abs#/a.##.exr", 7, "C#/") == "/abs7/a.07.exr");
}

TEST_CASE("several frames of one name get their number before its extension", "[master]") {
  CHECK(with_place_for_number("shot.exr") == "shot.####.exr");
  CHECK(with_place_for_number("out.v2/shot.exr") == "out.v2/shot.####.exr");
  CHECK(with_place_for_number("out.v2/shot") == "out.v2/shot.####");
  CHECK(with_place_for_number("shot.##.exr") == "shot.##.exr");
  CHECK(with_place_for_number("####/shot.exr") == "####/shot.exr");
  CHECK(with_place_for_number("C#/shot.exr", "C#/") == "C#/shot.####.exr");
#if !defined(_WIN32)
  CHECK(with_place_for_number("/dev/null") == "/dev/null");  // all can be written there
#endif
}
