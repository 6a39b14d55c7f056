#include "daemon/daemon_text.hpp"
#include "daemon/slave_program.hpp"
#include "support/catch.hpp"

using namespace oct;

TEST_CASE("the daemon makes its slave's arguments itself", "[daemon]") {
  DaemonConfig config;
  config.name = "-odd name";
  config.gpus = {0, 2};
  config.cpu = true;
  config.threads = 3;
  config.access.insecure = true;
  const StartSlave start{1, {"fe80::1%eth0", 21003}, false};
  CHECK(slave_arguments(config, start) ==
        std::vector<std::string>{"--supervised", "--net-master-address", "fe80::1%eth0", "--net-master-port",
                                 "21003", "--priority", "low", "--gpu", "0", "--gpu", "2", "--cpu",
                                 "--threads", "3", "--name=-odd name", "--net-insecure"});
}

TEST_CASE("a slave that is to be kept, and its cache, are told so", "[daemon]") {
  DaemonConfig config;
  config.cache_folder = "-odd folder";
  config.cache_megabytes = 500;
  const auto arguments = slave_arguments(config, {1, {"10.0.0.1", 21000}, true});
  CHECK(std::vector<std::string>(arguments.begin() + 5, arguments.end()) ==
        std::vector<std::string>{"--priority", "low", "--warm", "--cache-dir=-odd folder", "--cache-size",
                                 "500"});
}

TEST_CASE("people read what the slave program said, two GPUs to a line", "[daemon]") {
  SlaveFacts facts;
  facts.version = 1000000;
  facts.platform = "windows";
  facts.architecture = "x86_64";
  facts.bitness = 64;
  for (std::uint32_t i = 0; i < 3; ++i)
    facts.devices.push_back({DeviceKind::cuda, i, "NVIDIA GeForce RTX 3090", 24'000'000'000, 0});
  CHECK(
      facts_lines(facts) ==
      std::vector<std::string>{
          "Slave      1000000, windows x86_64, 64 bit",
          "GPU 0      NVIDIA GeForce RTX 3090, 24.0 GB          GPU 1      NVIDIA GeForce RTX 3090, 24.0 GB",
          "GPU 2      NVIDIA GeForce RTX 3090, 24.0 GB"});
}

TEST_CASE("the first line says who may use the daemon", "[daemon]") {
  NetworkAccess access;
  CHECK(hello_line("RENDER1", 48000, access) ==
        "octane_daemon 1000000 on RENDER1, port 48000, not activated: for this computer only");
  access.key = FarmKey::generate();
  CHECK(hello_line("RENDER1", 48000, access) ==
        "octane_daemon 1000000 on RENDER1, port 48000, farm " + farm_text(access.farm()));
}
