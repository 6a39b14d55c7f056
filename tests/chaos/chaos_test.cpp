#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "simulation.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

constexpr std::uint32_t kUsualRounds = 150;

/// A number in the environment: OCT_CHAOS_SEED is the first seed, OCT_CHAOS_ROUNDS how many follow.
std::uint32_t from_environment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

/// Passes that the tile gets: all, or those up to where it is clean.
std::uint32_t passes_expected(const FrameOptions& frame, std::uint32_t tile) {
  const std::uint32_t all = pass_count(frame.settings);
  if (frame.noise_threshold == 0) return all;
  NoiseRule rule(frame.settings, frame.noise_threshold);
  for (std::uint32_t pass = 0; pass < all; ++pass) {
    rule.add(a_contribution(frame.settings, {tile, pass, pass + 1}));
    if (pass + 1 >= rule.first_passes() && rule.is_clean(tile, pass_end(frame.settings, pass)))
      return pass + 1;
  }
  return all;
}

Film expected_film(const FrameOptions& frame) {
  Film film(frame.settings);
  for (std::uint32_t tile = 0; tile < tile_count(frame.settings); ++tile)
    film.merge(a_contribution(frame.settings, {tile, 0, passes_expected(frame, tile)}));
  return film;
}

std::uint64_t samples_of_picture(const RenderSettings& settings) {
  return std::uint64_t{settings.width} * settings.height * settings.samples_per_pixel;
}

SimulationOptions one_frame(const RenderSettings& settings) {
  SimulationOptions options;
  options.frames = {FrameOptions{settings}};
  return options;
}

void check_complete(const Simulation& simulation) {
  for (std::size_t i = 0; i < simulation.pictures().size(); ++i) {
    INFO("picture " << i);
    const Simulation::Picture& picture = simulation.pictures()[i];
    REQUIRE(picture.ended.has_value());
    CHECK(*picture.ended == EndReason::complete);
    const Film expected = expected_film(picture.options);
    CHECK(picture.samples_ended == expected.samples_merged());
    CHECK(picture.film.samples_merged() == expected.samples_merged());
    CHECK(samples_of_units(picture.options.settings, picture.filled) == expected.samples_merged());
    CHECK(picture.film.hash() == expected.hash());
  }
  CHECK(simulation.most_jobs() <= 4);  // credit of two, and leases that are just ending
}

void check_complete(const SimulationOptions& options) {
  INFO("seed " << options.seed);
  Simulation simulation(options);
  REQUIRE(simulation.run());
  check_complete(simulation);
}

/// Everything that a seed decides about a session.
class Draw {
 public:
  explicit Draw(std::uint32_t seed) : random_(seed) {}

  std::uint32_t number(std::uint32_t least, std::uint32_t most) {
    return least + static_cast<std::uint32_t>(random_() % (most - least + 1));
  }
  double real(double least, double most) { return std::uniform_real_distribution<>(least, most)(random_); }
  bool chance(double percent) { return real(0, 100) < percent; }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return *(values.begin() + number(0, static_cast<std::uint32_t>(values.size()) - 1));
  }

  std::vector<FrameOptions> frames() {
    std::vector<FrameOptions> frames(number(1, 4));
    for (std::uint32_t i = 0; i < frames.size(); ++i) {
      FrameOptions& frame = frames[i];
      if (i > 0 && chance(20)) {
        frame = frames[number(0, i - 1)];  // the same picture once more
      } else {
        frame.settings = a_setting(number(16, 100), number(16, 70), number(1, 50));
        frame.settings.frame = static_cast<decltype(frame.settings.frame)>(i + 1);
        frame.first_chunk = 7 * i;  // some data in common with the one before
        frame.chunks = number(8, 60);
      }
      frame.added_after = chance(50) ? 0 : real(0, 30);
    }
    return frames;
  }

 private:
  std::mt19937 random_;
};

SimulationOptions drawn(std::uint32_t seed) {
  Draw draw(seed);
  SimulationOptions options;
  options.seed = seed;
  options.frames = draw.frames();
  options.slowest = draw.one_of({1e3, 1e4});
  options.fastest = 1e5;
  options.local_devices.assign(draw.number(0, 2),
                               FakeDevice{draw.real(1e3, 3e4), FakeDevice::kNever, 0,
                                          draw.one_of({DeviceKind::cpu, DeviceKind::cuda})});
  options.slaves = draw.number(1, 5);
  options.fault_percent = draw.number(0, 10);
  options.restart_percent = draw.chance(40) ? draw.real(0.1, 2) : 0;
  options.dispatch.first_lease_samples = draw.one_of({64u, 2048u, 32768u});
  options.audit.percent = draw.one_of({0.0, 0.5, 20.0, 100.0});
  options.audit.longest_wait = milliseconds(draw.number(1, 5000));
  return options;
}

bool is_liar(const notice::DeviceRefused& refused, const SimulationOptions& options) {
  if (refused.slave.empty()) {
    const std::size_t index = std::stoul(refused.device.substr(5));  // "local2"
    return options.local_devices.at(index).lies_from != FakeDevice::kNever;
  }
  return std::stoul(refused.slave.substr(5)) < options.lying_slaves;  // "slave1"
}

}  // namespace

TEST_CASE("a cluster that fails all the time gives the same films", "[chaos]") {
  const std::uint32_t first = from_environment("OCT_CHAOS_SEED", 1);
  const std::uint32_t rounds = from_environment("OCT_CHAOS_ROUNDS", kUsualRounds);
  std::uint64_t restarts = 0, late_answers = 0, rests = 0, scenes_ahead = 0, audited = 0;
  for (std::uint32_t seed = first; seed < first + rounds; ++seed) {
    INFO("OCT_CHAOS_SEED=" << seed << " OCT_CHAOS_ROUNDS=1 repeats it");
    Simulation simulation(drawn(seed));
    REQUIRE(simulation.run());
    check_complete(simulation);
    CHECK(simulation.refused().empty());
    CHECK(simulation.tiles_cleared() == 0);
    restarts += simulation.restarts();
    late_answers += simulation.late_answers();
    rests += simulation.rests();
    scenes_ahead += simulation.scenes_ahead();
    audited += simulation.master().units_audited();
  }
  if (rounds < kUsualRounds) return;
  CHECK(restarts > 0);  // what the rounds are for has come up
  CHECK(late_answers > 0);
  CHECK(rests > 0);
  CHECK(scenes_ahead > 0);
  CHECK(audited > 0);
}

TEST_CASE("a cluster that fails all the time ends tiles at the same samples", "[chaos]") {
  const std::uint32_t first = from_environment("OCT_CHAOS_SEED", 1);
  const std::uint32_t rounds = from_environment("OCT_CHAOS_ROUNDS", kUsualRounds) / 3 + 1;
  std::uint64_t tiles_cleared = 0, restarts = 0, clean = 0;
  for (std::uint32_t seed = first; seed < first + rounds; ++seed) {
    INFO("OCT_CHAOS_SEED=" << seed << " OCT_CHAOS_ROUNDS=1 repeats it");
    SimulationOptions options = drawn(seed);
    Draw draw(seed + 0x30000000);
    for (FrameOptions& frame : options.frames) {
      // pictures of one scene are alike, whose settings travel with it
      frame.settings.samples_per_pixel =
          100 + static_cast<std::uint32_t>(frame.settings.frame) * 97 + seed % 90;
      frame.settings.pass_steps = 2;
      frame.noise_threshold = draw.real(0.02, 0.06);
    }
    options.slowest = 2e4;  // there are more samples than elsewhere
    options.local_devices = {FakeDevice{3e4}};
    if (draw.chance(50)) {  // tiles are decided by wrong sums, and decided again
      options.restart_percent = 0;
      options.lying_slaves = 1;
      ++options.slaves;
      options.audit.percent = 100;
    }
    Simulation simulation(options);
    REQUIRE(simulation.run());
    check_complete(simulation);
    tiles_cleared += simulation.tiles_cleared();
    restarts += simulation.restarts();
    for (const Simulation::Picture& picture : simulation.pictures())
      clean += picture.samples_ended < samples_of_picture(picture.options.settings) ? 1 : 0;
  }
  if (rounds < kUsualRounds / 3) return;
  CHECK(tiles_cleared > 0);
  CHECK(restarts > 0);
  CHECK(clean > 0);
}

TEST_CASE("devices that lie are found and shut out, and the films are right", "[chaos]") {
  const std::uint32_t first = from_environment("OCT_CHAOS_SEED", 1);
  const std::uint32_t rounds = from_environment("OCT_CHAOS_ROUNDS", kUsualRounds);
  std::uint64_t lies_merged = 0, tiles_cleared = 0;
  for (std::uint32_t seed = first; seed < first + rounds; ++seed) {
    INFO("OCT_CHAOS_SEED=" << seed << " OCT_CHAOS_ROUNDS=1 repeats it");
    SimulationOptions options = drawn(seed);
    Draw draw(seed + 0x10000000);
    options.restart_percent = 0;
    options.local_devices = {FakeDevice{draw.real(1e3, 3e4)}};
    options.lying_slaves = draw.number(0, 2);
    options.slaves = options.lying_slaves + draw.number(1, 3);
    options.lies_from = draw.chance(50) ? 0 : draw.number(1, 30);
    const bool is_local_liar = options.lying_slaves == 0 || draw.chance(30);
    if (is_local_liar)
      options.local_devices.push_back({draw.real(3e3, 1e5), options.lies_from, 100, DeviceKind::cuda});
    // Whoever lies from its first unit on is found by that one; later lies surely when all is compared.
    options.audit.percent = options.lies_from == 0 ? draw.one_of({0.01, 0.5, 20.0}) : 100;

    INFO("lies from " << options.lies_from << " percent " << options.audit.percent << " slaves "
                      << options.lying_slaves << "/" << options.slaves << " local liar " << is_local_liar);
    Simulation simulation(options);
    REQUIRE(simulation.run());
    check_complete(simulation);
    for (const notice::DeviceRefused& refused : simulation.refused()) {
      INFO(refused.slave << " " << refused.device);
      CHECK(is_liar(refused, options));
      CHECK(refused.verdict.check == DeviceCheck::audit);
      CHECK(refused.slave.empty() == refused.slave_address.empty());
    }
    if (simulation.lies_merged() > 0) CHECK_FALSE(simulation.refused().empty());
    lies_merged += simulation.lies_merged();
    tiles_cleared += simulation.tiles_cleared();
  }
  if (rounds < kUsualRounds) return;
  CHECK(lies_merged > 0);
  CHECK(tiles_cleared > 0);
}

TEST_CASE("lies that a film file kept are found when the render is resumed", "[chaos]") {
  const std::uint32_t first = from_environment("OCT_CHAOS_SEED", 1);
  const std::uint32_t rounds = from_environment("OCT_CHAOS_ROUNDS", kUsualRounds);
  std::uint64_t audits_resumed = 0, earlier_refused = 0;
  for (std::uint32_t seed = first; seed < first + rounds; ++seed) {
    INFO("OCT_CHAOS_SEED=" << seed << " OCT_CHAOS_ROUNDS=1 repeats it");
    SimulationOptions options = drawn(seed);
    Draw draw(seed + 0x20000000);
    for (FrameOptions& frame : options.frames) frame.added_after = 0;
    options.restart_percent = draw.real(0.5, 4);
    options.restart_cures = draw.chance(60);
    options.local_devices = {FakeDevice{draw.real(1e3, 3e4)}};
    options.lying_slaves = draw.number(0, 2);
    options.slaves = options.lying_slaves + draw.number(1, 3);
    options.lies_from = draw.chance(50) ? 0 : draw.number(1, 30);
    if (options.lying_slaves == 0 || draw.chance(30))
      options.local_devices.push_back({draw.real(3e3, 1e5), options.lies_from, 100, DeviceKind::cuda});
    // Whoever lies from its first unit on is found by that one; later lies surely when all is compared.
    options.audit.percent = options.lies_from == 0 ? draw.one_of({0.01, 0.5, 20.0}) : 100;

    Simulation simulation(options);
    REQUIRE(simulation.run());
    check_complete(simulation);
    for (const notice::DeviceRefused& refused : simulation.refused()) CHECK(is_liar(refused, options));
    if (simulation.lies_merged() > 0) CHECK(simulation.refused().size() + simulation.earlier_refused() > 0);
    audits_resumed += simulation.audits_resumed();
    earlier_refused += simulation.earlier_refused();
  }
  if (rounds < kUsualRounds) return;
  CHECK(audits_resumed > 0);
  CHECK(earlier_refused > 0);
}

TEST_CASE("slaves alone render the whole picture", "[chaos]") {
  SimulationOptions options = one_frame(a_setting(160, 120, 64));
  options.slaves = 3;
  options.fault_percent = 0;
  check_complete(options);
}

TEST_CASE("a slave that computes something else is refused, and does no harm", "[chaos]") {
  SimulationOptions options = one_frame(a_setting(320, 240, 256));
  options.local_devices = {FakeDevice{2e5}};
  options.slaves = 3;
  options.lying_slaves = 1;
  options.fault_percent = 0;
  Simulation simulation(options);
  REQUIRE(simulation.run());
  check_complete(simulation);
  REQUIRE(simulation.refused().size() == 1);
  CHECK(simulation.refused()[0].slave == "slave0");
  CHECK(simulation.refused()[0].slave_address == "10.0.1.0");
  CHECK(simulation.refused()[0].device == "GPU");
  CHECK(simulation.refused()[0].units_rendered_again > 0);
  CHECK(simulation.tiles_cleared() > 0);
  std::uint64_t others = 0;
  for (const SlaveStatus& slave : simulation.master().slaves({})) {
    if (slave.name == "slave0") {
      CHECK(slave.samples == 0);
    } else {
      others += slave.samples;
    }
  }
  CHECK(others > 0);
}

TEST_CASE("a stopped session ends within its grace, with nothing counted twice", "[chaos]") {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    SimulationOptions options = one_frame(a_setting(320, 240, 1000));
    options.frames.push_back({a_setting(320, 240, 900), 20, 30, 5});
    options.seed = seed;
    options.local_devices = {FakeDevice{1e5}};
    options.fault_percent = 5;
    options.stop_at = seconds(20);
    INFO("seed " << seed);
    Simulation simulation(options);
    REQUIRE(simulation.run());
    CHECK(simulation.seconds_passed() <= 22.5);
    for (const Simulation::Picture& picture : simulation.pictures()) {
      REQUIRE(picture.ended == EndReason::stopped);
      CHECK(picture.film.samples_merged() == picture.samples_ended);
      CHECK(picture.samples_ended < samples_of_picture(picture.options.settings));
    }
    CHECK(simulation.pictures()[0].samples_ended > 0);
  }
}

TEST_CASE("once the end was asked for, no lie of a device that was never found right is merged", "[chaos]") {
  std::uint64_t merged = 0, dropped = 0;
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    SimulationOptions options = one_frame(a_setting(320, 240, 1000));
    options.seed = seed;
    options.local_devices = {FakeDevice{1e4}};
    options.slaves = 4;
    options.lying_slaves = 2;
    options.stop_at = milliseconds(8000 + 150 * seed);  // as slaves begin
    options.fault_percent = 0;
    options.audit.longest_wait = seconds(8);
    INFO("seed " << seed);
    Simulation simulation(options);
    REQUIRE(simulation.run());
    CHECK(simulation.lies_merged_after_stop() == 0);
    merged += simulation.lies_merged();
    for (const SlaveStatus& slave : simulation.master().slaves({})) dropped += slave.contributions_dropped;
  }
  CHECK(merged > 0);
  CHECK(dropped > 0);  // for no other reason: nothing fails here, and nothing is near its end
}

TEST_CASE("no device is left idle for long by a slow one", "[chaos]") {
  // 4 devices of 1e5 and one of 1e3 samples a second: without taking over, the slow one would hold the end
  // for minutes.
  SimulationOptions options = one_frame(a_setting(320, 240, 64));
  options.slaves = 0;
  options.local_devices.assign(4, FakeDevice{1e5});
  options.local_devices.push_back(FakeDevice{1e3});
  Simulation simulation(options);
  REQUIRE(simulation.run());
  check_complete(simulation);
  const double ideal = 320.0 * 240 * 64 / 4.01e5;
  CHECK(simulation.seconds_passed() < 1.25 * ideal + 4);
}

TEST_CASE("the next frame fills the tail of the one before", "[chaos]") {
  // Many small frames: between two of them nobody waits for the last unit of a slow device.
  SimulationOptions options;
  for (std::uint32_t i = 0; i < 8; ++i) {
    FrameOptions frame{a_setting(160, 120, 32), 7 * i, 40, 0};
    frame.settings.frame = static_cast<decltype(frame.settings.frame)>(i);
    options.frames.push_back(frame);
  }
  options.slaves = 0;
  options.dispatch.first_lease_samples = 4096;
  options.local_devices.assign(3, FakeDevice{1e5});
  options.local_devices.push_back(FakeDevice{1e4});
  Simulation simulation(options);
  REQUIRE(simulation.run());
  check_complete(simulation);
  const double ideal = 8 * 160.0 * 120 * 32 / 3.1e5;
  CHECK(simulation.seconds_passed() < 1.15 * ideal + 6);
}
