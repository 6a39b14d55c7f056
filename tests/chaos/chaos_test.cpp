#include "simulation.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

Digest expected_hash(const RenderSettings& settings) {
  Film film(settings);
  const Ledger ledger(settings);
  for (std::uint32_t tile = 0; tile < ledger.tiles(); ++tile)
    film.merge(a_contribution(settings, {tile, 0, ledger.passes()}));
  return film.hash();
}

void check_complete(const SimulationOptions& options) {
  INFO("seed " << options.seed);
  Simulation simulation(options);
  const auto reason = simulation.run();
  REQUIRE(reason.has_value());
  CHECK(*reason == RenderEnded::Reason::complete);
  CHECK(simulation.film().samples_merged() == simulation.master().ledger().samples_wanted());
  CHECK(simulation.film().hash() == expected_hash(options.settings));
  CHECK(simulation.most_jobs() <= 4);  // credit of two, and leases that are just ending
}

}  // namespace

TEST_CASE("a cluster that fails all the time gives the same film", "[chaos]") {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SimulationOptions options;
    options.seed = seed;
    options.settings = a_setting(100 + seed % 7 * 10, 70, 100);
    options.local_devices.assign(seed % 3, FakeDevice{3e4, false});
    options.slaves = 1 + seed % 5;
    options.fault_percent = 1 + seed % 10;
    check_complete(options);
  }
}

TEST_CASE("slaves alone render the whole picture", "[chaos]") {
  SimulationOptions options;
  options.settings = a_setting(160, 120, 64);
  options.slaves = 3;
  options.fault_percent = 0;
  check_complete(options);
}

TEST_CASE("a slave that computes something else is refused, and does no harm", "[chaos]") {
  SimulationOptions options;
  options.settings = a_setting(320, 240, 256);
  options.local_devices = {FakeDevice{2e5, false}};
  options.slaves = 3;
  options.wrong_slaves = 1;
  options.fault_percent = 0;
  Simulation simulation(options);
  REQUIRE(simulation.run() == RenderEnded::Reason::complete);
  CHECK(simulation.film().hash() == expected_hash(options.settings));
  bool refused = false;
  for (const std::string& line : simulation.told())
    refused = refused || line.find("slave0") != std::string::npos;
  CHECK(refused);
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

TEST_CASE("a stopped render ends within its grace, with nothing counted twice", "[chaos]") {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    SimulationOptions options;
    options.seed = seed;
    options.settings = a_setting(320, 240, 1000);
    options.local_devices = {FakeDevice{1e5, false}};
    options.fault_percent = 5;
    options.stop_at = seconds(20);
    INFO("seed " << seed);
    Simulation simulation(options);
    REQUIRE(simulation.run() == RenderEnded::Reason::stopped);
    CHECK(simulation.seconds_passed() <= 22.5);
    CHECK(simulation.film().samples_merged() == simulation.master().ledger().samples_merged());
    CHECK(simulation.film().samples_merged() > 0);
    CHECK(simulation.film().samples_merged() < simulation.master().ledger().samples_wanted());
  }
}

TEST_CASE("no device is left idle for long by a slow one", "[chaos]") {
  // 4 devices of 1e5 and one of 1e3 samples a second: without taking over, the slow one would hold the end
  // for minutes.
  SimulationOptions options;
  options.settings = a_setting(320, 240, 64);
  options.slaves = 0;
  options.local_devices.assign(4, FakeDevice{1e5, false});
  options.local_devices.push_back(FakeDevice{1e3, false});
  Simulation simulation(options);
  REQUIRE(simulation.run() == RenderEnded::Reason::complete);
  const double ideal = 320.0 * 240 * 64 / 4.01e5;
  CHECK(simulation.seconds_passed() < 1.25 * ideal + 4);
}
