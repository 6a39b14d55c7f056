#include "master/frame_core.hpp"

#include <algorithm>

#include "film/film.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/random.hpp"

using namespace oct;

namespace {

constexpr double kThreshold = 0.05;
constexpr std::size_t kNoLimit = 100'000;

/// 15 tiles, whose noise comes within the threshold after some hundred samples.
RenderSettings noisy_settings(std::uint32_t samples = 2000) {
  RenderSettings settings = a_setting(80, 48, samples);
  settings.pass_steps = 2;
  return settings;
}

StopRules rules(const RenderSettings& settings, double threshold = kThreshold) {
  StopRules rules;
  rules.noise.emplace(settings, threshold);
  return rules;
}

FrameCore adaptive_frame(const RenderSettings& settings = noisy_settings()) {
  return FrameCore(1, settings, ServedScene{}, rules(settings));
}

std::vector<std::uint32_t> passes_wanted(const FrameCore& frame) {
  std::vector<std::uint32_t> passes;
  for (std::uint32_t tile = 0; tile < frame.ledger.tiles(); ++tile)
    passes.push_back(frame.ledger.wanted_passes(tile));
  return passes;
}

/// Passes of each tile where units are answered in the order in which they are given out.
std::vector<std::uint32_t> passes_in_order(const RenderSettings& settings) {
  FrameCore frame = adaptive_frame(settings);
  while (!frame.ledger.complete()) {
    const auto units = frame.pool.take(frame.ledger, 1, 1, false);
    REQUIRE(units.size() == 1);
    REQUIRE(frame.offer(a_contribution(settings, units[0]), 1) == Offered::accepted);
    frame.pool.release(units[0]);
  }
  return passes_wanted(frame);
}

}  // namespace

TEST_CASE("tiles end when they are clean, at different numbers of samples", "[master]") {
  const std::vector<std::uint32_t> passes = passes_in_order(noisy_settings());
  const auto [least, most] = std::minmax_element(passes.begin(), passes.end());
  CHECK(*least < *most);
  CHECK(*most < pass_count(noisy_settings()));
  // whatever ends a tile, it is clean then, and was not before
  for (std::uint32_t tile = 0; tile < passes.size(); ++tile) {
    NoiseRule rule(noisy_settings(), kThreshold);
    for (std::uint32_t pass = 0; pass < passes[tile]; ++pass) {
      rule.add(a_contribution(noisy_settings(), {tile, pass, pass + 1}));
      if (pass + 1 < rule.first_passes()) continue;
      CHECK(rule.is_clean(tile, pass_end(noisy_settings(), pass)) == (pass + 1 == passes[tile]));
    }
  }
}

TEST_CASE("the same tiles end at the same samples whatever becomes of leases, answers and devices",
          "[master]") {
  const RenderSettings settings = noisy_settings();
  const std::vector<std::uint32_t> expected = passes_in_order(settings);
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    test::Random random(seed);
    FrameCore frame = adaptive_frame(settings);
    std::vector<UnitRange> under_way, late;
    while (!frame.ledger.complete()) {
      const auto taken =
          frame.pool.take(frame.ledger, random.between(1, 40'000), kNoLimit, random.chance(0.3));
      under_way.insert(under_way.end(), taken.begin(), taken.end());
      REQUIRE_FALSE(under_way.empty());
      const std::size_t number = random.between(0, under_way.size() - 1);
      const UnitRange units = under_way[number];
      under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(number));
      if (random.chance(0.9)) frame.offer(a_contribution(settings, units), 1);
      if (random.chance(0.1)) late.push_back(units);
      frame.pool.release(units);
      if (!late.empty() && random.chance(0.1)) {  // long after it was given up
        frame.offer(a_contribution(settings, late.back()), 2);
        late.pop_back();
      }
      if (random.chance(0.02))
        frame.clear_tile(static_cast<std::uint32_t>(random.between(0, expected.size() - 1)));
    }
    CHECK(passes_wanted(frame) == expected);
    CHECK(frame.ledger.samples_left() == 0);
    CHECK(frame.pool.take(frame.ledger, 1, 1, false).empty());
    for (std::uint32_t tile = 0; tile < expected.size(); ++tile) {
      CHECK(frame.ledger.all_filled({tile, 0, expected[tile]}));
      if (expected[tile] < frame.ledger.passes()) CHECK_FALSE(frame.ledger.is_filled(tile, expected[tile]));
    }
  }
}

TEST_CASE("a frame that goes on with its film ends where it would have ended", "[master]") {
  const RenderSettings settings = noisy_settings();
  const std::vector<std::uint32_t> expected = passes_in_order(settings);
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    test::Random random(seed);
    FrameCore first = adaptive_frame(settings);
    Film film(settings);
    const std::uint64_t end = random.between(1, first.ledger.samples_wanted() / 8);
    while (first.ledger.samples_merged() < end && !first.ledger.complete()) {
      for (const UnitRange& units : first.pool.take(first.ledger, 20'000, kNoLimit, false)) {
        const FilmContribution contribution = a_contribution(settings, units);
        if (random.chance(0.8) && first.offer(contribution, 1) == Offered::accepted) film.merge(contribution);
        first.pool.release(units);
      }
    }
    StopRules resumed = rules(settings);
    for (std::uint32_t tile = 0; tile < expected.size(); ++tile)
      resumed.noise->restore(tile, film.tile_sums(tile));
    FrameCore second(1, settings, ServedScene{}, std::move(resumed));
    second.restore(first.ledger.filled(), {});
    while (!second.ledger.complete()) {
      const auto units = second.pool.take(second.ledger, 1, 1, false);
      REQUIRE(units.size() == 1);
      second.offer(a_contribution(settings, units[0]), 1);
      second.pool.release(units[0]);
    }
    CHECK(passes_wanted(second) == expected);
  }
}

TEST_CASE("what lies beyond a decision is neither given out nor merged", "[master]") {
  const RenderSettings settings = noisy_settings();
  FrameCore frame = adaptive_frame(settings);
  std::uint32_t highest = 0;
  for (const UnitRange& units : frame.pool.take(frame.ledger, 100'000'000, kNoLimit, false))
    highest = std::max(highest, units.last_pass);
  CHECK(highest == 7);  // 1, 4, 16, 24, 32, 48, 64 samples
  CHECK(frame.ledger.samples_left() == 80 * 48 * 64);
  CHECK(frame.ledger.samples_wanted() == 80 * 48 * 2000);
  CHECK(frame.offer(a_contribution(settings, {0, 7, 8}), 1) == Offered::duplicate);
  CHECK(frame.offer(a_contribution(settings, {0, 0, 8}), 1) == Offered::duplicate);
  CHECK(frame.ledger.samples_merged() == 0);
}

// Time limits.

namespace {

/// Devices that together make so many samples a second, and answer at once.
struct TimedRig {
  explicit TimedRig(double limit_seconds, std::uint32_t samples = 2000)
      : settings(a_setting(80, 48, samples)) {
    settings.pass_steps = 8;
    StopRules rules;
    rules.time_limit = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(limit_seconds));
    frame.emplace(1, settings, ServedScene{}, std::move(rules));
  }

  /// Until nothing is given out any more.
  void render(double speed) {
    for (;;) {
      frame->decide_by_time(known_speed, true, now);
      const auto units = frame->pool.take(frame->ledger, 1, 1, false);
      if (units.empty()) return;
      const std::uint64_t samples = frame->ledger.samples_in(units[0]);
      now += std::chrono::duration_cast<Duration>(
          std::chrono::duration<double>(static_cast<double>(samples) / speed));
      frame->offer(a_contribution(settings, units[0]), 1);
      frame->pool.release(units[0]);
      known_speed = speed;
    }
  }
  double seconds() const { return to_seconds(now - Instant{}); }

  RenderSettings settings;
  std::optional<FrameCore> frame;
  double known_speed = 0;
  Instant now{};
};

}  // namespace

TEST_CASE("a time limit ends all tiles at one number of samples, shortly before it", "[master]") {
  constexpr double kSpeed = 1e5;  // 26 samples of each pixel a second
  for (const double limit : {2.0, 5.0, 17.0, 40.0}) {
    CAPTURE(limit);
    TimedRig rig(limit);
    rig.render(kSpeed);
    CHECK(rig.frame->is_closed_by_time());
    CHECK(rig.frame->ledger.complete());
    CHECK(rig.seconds() <= limit * 1.001);
    CHECK(rig.seconds() > limit * 0.8);
    const std::uint32_t passes = rig.frame->ledger.passes_open_in_all();
    for (std::uint32_t tile = 0; tile < 15; ++tile) CHECK(rig.frame->ledger.wanted_passes(tile) == passes);
    CHECK(rig.frame->ledger.samples_wanted() == 80ull * 48 * pass_end(rig.settings, passes - 1));
  }
}

TEST_CASE("all samples that are asked for end a picture before its time limit", "[master]") {
  TimedRig rig(100, 50);
  rig.render(1e5);
  CHECK_FALSE(rig.frame->is_closed_by_time());
  CHECK(rig.frame->ledger.complete());
  CHECK(rig.frame->ledger.samples_merged() == 80 * 48 * 50);
}

TEST_CASE("one sample of each pixel is rendered, however little time there is", "[master]") {
  TimedRig rig(0.001);
  rig.render(1e5);
  CHECK(rig.frame->is_closed_by_time());
  CHECK(rig.frame->ledger.complete());
  CHECK(rig.frame->ledger.samples_merged() == 80 * 48);
}

TEST_CASE("the time of a frame does not run while the frame before it is under way", "[master]") {
  TimedRig rig(5), alone(5);
  rig.frame->decide_by_time(1e5, false, rig.now);
  const auto units = rig.frame->pool.take(rig.frame->ledger, 1, 1, false);
  REQUIRE(units.size() == 1);
  rig.frame->decide_by_time(1e5, false, rig.now);  // it has been begun
  rig.now += seconds(60);  // the last lease of the frame before is slow
  rig.frame->decide_by_time(1e5, false, rig.now);
  rig.frame->offer(a_contribution(rig.settings, units[0]), 1);
  rig.frame->pool.release(units[0]);
  rig.render(1e5);
  alone.render(1e5);
  CHECK(rig.frame->ledger.samples_merged() == alone.frame->ledger.samples_merged());
}

TEST_CASE("while no speed is known, no more than 16 samples of each pixel are given out", "[master]") {
  TimedRig rig(1000);
  for (;;) {
    rig.frame->decide_by_time(0, true, rig.now);
    if (rig.frame->pool.take(rig.frame->ledger, 1, 1, false).empty()) break;
  }
  CHECK(rig.frame->ledger.samples_left() == 80 * 48 * 16);
}

TEST_CASE("a picture with a time limit goes on with what its film holds", "[master]") {
  TimedRig rig(4);
  Ledger held(rig.settings);
  for (std::uint32_t tile = 0; tile < held.tiles(); ++tile)
    held.offer(a_contribution(rig.settings, {tile, 0, 6}), 1);
  rig.frame->restore(held.filled(), {});
  rig.render(1e5);
  CHECK(rig.frame->ledger.complete());
  CHECK(rig.frame->ledger.samples_merged() > held.samples_merged());
}

TEST_CASE("with both rules a tile ends by whichever comes first", "[master]") {
  TimedRig rig(20);
  StopRules both = rules(rig.settings);
  both.time_limit = seconds(20);
  rig.frame.emplace(1, rig.settings, ServedScene{}, std::move(both));
  rig.render(1e5);
  CHECK(rig.frame->ledger.complete());
  CHECK(rig.seconds() <= 20.1);
  TimedRig alone(20);
  alone.render(1e5);
  CHECK(rig.frame->ledger.samples_merged() <= alone.frame->ledger.samples_merged() * 11 / 10);
}
