#include <algorithm>
#include <set>

#include "film/contribution.hpp"
#include "support/catch.hpp"
#include "support/random.hpp"
#include "support/settings.hpp"

using namespace oct;
using oct::test::some_settings;

namespace {

RenderSettings with_ends(u32 samples, const std::set<u32>& ends) {
  RenderSettings settings = some_settings(16, 16, samples);
  std::copy(ends.begin(), ends.end(), settings.extra_pass_ends);
  return settings;
}

/// Passes by definition: every end in one set.
std::vector<u32> expected_ends(u32 samples, const std::set<u32>& extra, u32 steps = 0) {
  std::set<u32> ends = extra;
  for (u64 end = 1; end < samples; end *= 4) ends.insert(static_cast<u32>(end));
  for (u64 octave = 16; octave < samples; octave *= 2) {
    for (u64 step = 0; step < steps; ++step) ends.insert(static_cast<u32>(octave + octave / steps * step));
  }
  while (!ends.empty() && *ends.rbegin() >= samples) ends.erase(std::prev(ends.end()));
  ends.insert(samples);
  return {ends.begin(), ends.end()};
}

void check_passes(u32 samples, const std::set<u32>& extra, u32 steps = 0) {
  CAPTURE(samples, extra, steps);
  RenderSettings settings = with_ends(samples, extra);
  settings.pass_steps = steps;
  REQUIRE(are_extra_pass_ends_valid(settings));
  REQUIRE(are_pass_steps_valid(settings.pass_steps));
  const std::vector<u32> ends = expected_ends(samples, extra, steps);
  REQUIRE(pass_count(settings) == ends.size());
  u32 first = 0;
  for (u32 pass = 0; pass < ends.size(); ++pass) {
    REQUIRE(pass_end(settings, pass) == ends[pass]);
    REQUIRE(pass_end_after(settings, first) == ends[pass]);
    const SampleRange one = samples_of(settings, pass, pass + 1);
    REQUIRE((one.first == first && one.last == ends[pass]));
    REQUIRE(samples_of(settings, 0, pass + 1).last == ends[pass]);
    first = ends[pass];
  }
  REQUIRE(pass_end(settings, pass_count(settings)) == samples);
  REQUIRE(pass_end(settings, 0xffffffffu) == samples);
}

}  // namespace

TEST_CASE("passes end at powers of four, at the last sample and at the extra ends", "[film]") {
  for (u32 samples = 1; samples <= 70; ++samples) {
    check_passes(samples, {});
    for (u32 end = 1; end < samples; ++end) check_passes(samples, {end});
  }
  test::Random random(5);
  for (int round = 0; round < 2000; ++round) {
    const u32 samples = static_cast<u32>(random.between(1, random.chance(0.5) ? 40 : 5000));
    std::set<u32> ends;
    for (int i = 0; i < 3 && samples > 1; ++i) ends.insert(static_cast<u32>(random.between(1, samples - 1)));
    check_passes(samples, ends);
  }
  check_passes(0xffffffffu, {0x40000001u, 0xfffffffeu});
}

TEST_CASE("extra ends of passes that could be read in two ways are refused", "[film]") {
  const auto valid = [](u32 a, u32 b, u32 c) {
    RenderSettings settings = some_settings(16, 16, 100);
    settings.extra_pass_ends[0] = a;
    settings.extra_pass_ends[1] = b;
    settings.extra_pass_ends[2] = c;
    CHECK(check_settings(settings).has_value() == are_extra_pass_ends_valid(settings));
    return are_extra_pass_ends_valid(settings);
  };
  CHECK(valid(0, 0, 0));
  CHECK(valid(16, 0, 0));  // also where a pass ends anyway
  CHECK(valid(1, 2, 99));
  CHECK_FALSE(valid(100, 0, 0));
  CHECK_FALSE(valid(5, 5, 0));
  CHECK_FALSE(valid(6, 5, 0));
  CHECK_FALSE(valid(0, 5, 0));
  CHECK_FALSE(valid(5, 0, 6));
}

TEST_CASE("each doubling of the samples is cut into as many passes as the settings want", "[film]") {
  test::Random random(6);
  for (const u32 steps : {1u, 2u, 4u, 8u, 16u}) {
    for (u32 samples = 1; samples <= 300; ++samples) check_passes(samples, {}, steps);
    check_passes(65536, {}, steps);
    for (int round = 0; round < 200; ++round) {
      const u32 samples = static_cast<u32>(random.between(2, 5000));
      check_passes(samples, {static_cast<u32>(random.between(1, samples - 1))}, steps);
    }
  }
  RenderSettings settings = some_settings(16, 16, 100);
  for (const u32 wrong : {3u, 12u, 32u, 0x80000000u}) {
    settings.pass_steps = wrong;
    CHECK_FALSE(check_settings(settings).has_value());
  }
}
