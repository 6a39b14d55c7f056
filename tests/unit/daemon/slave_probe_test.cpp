#include "daemon/slave_probe.hpp"

#include "daemon/slave_supervisor.hpp"
#include "slave/slave_info.hpp"
#include "support/catch.hpp"

using namespace oct;

TEST_CASE("a daemon understands what a slave says of itself", "[daemon]") {
  DeviceInfo gpu;
  gpu.kind = DeviceKind::cuda;
  gpu.index = 1;
  gpu.name = "NVIDIA GeForce RTX 3090";
  gpu.memory_bytes = 24'000'000'000;
  const auto facts = read_slave_facts(slave_info_document({gpu}, ""));
  REQUIRE(facts.has_value());
  CHECK(facts->version == 1000000);
  CHECK(facts->bitness == 64);
  CHECK(facts->can_rest);
  CHECK(facts->kernel_hash.size() == 64);
  REQUIRE(facts->devices.size() == 1);
  CHECK(facts->devices[0].kind == DeviceKind::cuda);
  CHECK(facts->devices[0].name == gpu.name);
  CHECK(facts->devices[0].memory_bytes == gpu.memory_bytes);
}

TEST_CASE("whatever else a program says is an error, not a crash", "[daemon]") {
  for (const char* text :
       {"", "hello", "[]", "{}", "{\"schema\":\"octane.slave_info/1\"}", "{\"schema\":5,\"version\":-1}",
        "{\"schema\":\"octane.slave_info/2\",\"version\":1}"}) {
    CHECK_FALSE(read_slave_facts(text).has_value());
  }
  CHECK(read_slave_facts("{\"schema\":\"octane.slave_info/1\",\"version\":7,\"devices\":[5,{}]}")
            ->devices.size() == 1);
}

TEST_CASE("of all that a slave program says the document counts, or its last error", "[daemon]") {
  const std::string document = slave_info_document({}, "no driver found");
  const auto good = slave_facts_of("octane_slave", {"warning: libcuda is old", document}, SlaveExit{0, 0});
  REQUIRE(good.has_value());
  CHECK(good->no_gpu_reason == "no driver found");
  const auto bad = slave_facts_of("octane_slave", {"error: no memory"}, SlaveExit{5, 0});
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().message ==
        "octane_slave --info ended with exit code 5 (no usable device, or not enough memory): no memory");
  CHECK(slave_facts_of("octane_slave", {}, SlaveExit{0, 11}).error().message ==
        "octane_slave --info ended with signal 11");
  CHECK_FALSE(slave_facts_of("octane_slave", {}, SlaveExit{0, 0}).has_value());
}
