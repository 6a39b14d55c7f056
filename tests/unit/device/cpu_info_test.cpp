#include "device/cpu_info.hpp"

#include "device/device_info.hpp"
#include "support/catch.hpp"

using namespace oct;

TEST_CASE("the CPU tells a tidy name and the computer its memory", "[device]") {
  const std::string name = cpu_name();
  CAPTURE(name);
  CHECK_FALSE(name.empty());
  CHECK(name.find("  ") == std::string::npos);
  CHECK(name.find("(R)") == std::string::npos);
  CHECK(name.front() != ' ');
  CHECK(name.back() != ' ');
  CHECK(physical_memory_bytes() > (std::uint64_t{64} << 20));
}

TEST_CASE("device kinds have names", "[device]") {
  CHECK(std::string(to_string(DeviceKind::cpu)) == "cpu");
  CHECK(std::string(to_string(DeviceKind::cuda)) == "cuda");
}
