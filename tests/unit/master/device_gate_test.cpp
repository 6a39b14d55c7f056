#include "master/device_gate.hpp"

#include "support/catch.hpp"
#include "support/film_maker.hpp"

using namespace oct;

namespace {

const RenderSettings kSettings = a_setting(64, 64, 4);

Answer an_answer(std::uint32_t tile) {
  return {1, a_contribution(kSettings, {tile, 0, 1}), {}};
}

}  // namespace

TEST_CASE("a trusted device's contributions pass at once", "[master]") {
  DeviceGate gate(true);
  CHECK(gate.offer(an_answer(0)).size() == 1);
  CHECK_FALSE(gate.start_check().has_value());
}

TEST_CASE("a new device's contributions wait until its first unit is found equal", "[master]") {
  DeviceGate gate(false);
  CHECK(gate.offer(an_answer(3)).empty());
  const auto units = gate.start_check();
  REQUIRE(units.has_value());
  CHECK(units->tile == 3);
  CHECK(gate.offer(an_answer(4)).empty());
  CHECK_FALSE(gate.start_check().has_value());  // once
  CHECK(gate.compare(a_contribution(kSettings, {3, 0, 1})).size() == 2);
  CHECK(gate.state() == DeviceGate::State::trusted);
  CHECK(gate.offer(an_answer(5)).size() == 1);
}

TEST_CASE("one different bit refuses a device, and nothing of it passes", "[master]") {
  DeviceGate gate(false);
  Answer wrong = an_answer(3);
  wrong.contribution.sums[100] ^= 1;
  gate.offer(wrong);
  gate.offer(an_answer(4));
  gate.start_check();
  CHECK(gate.compare(a_contribution(kSettings, {3, 0, 1})).empty());
  CHECK(gate.state() == DeviceGate::State::refused);
  CHECK(gate.offer(an_answer(5)).empty());
}

TEST_CASE("where the master cannot check, a device is trusted", "[master]") {
  DeviceGate gate(false);
  gate.offer(an_answer(3));
  gate.start_check();
  CHECK(gate.trust().size() == 1);
  CHECK(gate.state() == DeviceGate::State::trusted);
}
