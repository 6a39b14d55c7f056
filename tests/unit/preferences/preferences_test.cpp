#include "preferences/preferences.hpp"

#include <fmt/format.h>

#include <thread>

#include "base/file.hpp"
#include "preferences/json_lines.hpp"
#include "preferences/preferences_file.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/temp_dir.hpp"

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

using namespace oct;
using namespace oct::test;

namespace {

constexpr const char* kFile = R"({"version": 1, "network": {
  "enable": true, "master_port": 22000,
  "scan_interval_s": 2.5, "subnets": ["10.0.0.0/24"],
  "enabled_daemons": [{"id": "5b1e", "name": "RENDER1", "address": "10.0.0.11"}],
  "nick_name": "studio@DESK"}, "devices": {"gpus": "0,1", "cpu": true}})";

std::string fault_of(const std::string& text) {
  const auto read = read_preferences(text, "p.json");
  return read ? std::string("none") : read.error().message;
}

}  // namespace

TEST_CASE("preferences are read, what is missing has its default", "[preferences]") {
  const auto read = read_preferences(kFile, "p.json");
  REQUIRE(read);
  CHECK(read->warnings.empty());
  const NetworkPreferences& network = read->preferences.network;
  CHECK(network.enable);
  CHECK(network.master_port == 22000);
  CHECK(network.daemon_port == 48000);
  CHECK(network.scan_interval_s == 2.5);
  CHECK(network.use == "enabled");
  REQUIRE(network.enabled_daemons.size() == 1);
  CHECK(network.enabled_daemons[0] == EnabledDaemon{"5b1e", "RENDER1", "10.0.0.11"});
  CHECK(read->preferences.devices.gpus == "0,1");
  CHECK(read_preferences("", "p.json")->preferences == Preferences());
}

TEST_CASE("what is written is read back the same", "[preferences]") {
  const Preferences preferences = read_preferences(kFile, "p.json")->preferences;
  CHECK(read_preferences(write_preferences(preferences), "p.json")->preferences == preferences);
}

TEST_CASE("an unknown key is a warning, and is kept", "[preferences]") {
  const std::string text =
      "{\"version\": 1,\n \"network\": {\"enable\": true,\n \"colour\": 3},\n \"x\": {}}";
  const auto read = read_preferences(text, "p.json");
  REQUIRE(read);
  REQUIRE(read->warnings.size() == 2);
  CHECK(read->warnings[0] == "p.json, line 3: network.colour is not known and ignored");
  CHECK(read->warnings[1] == "p.json, line 4: x is not known and ignored");
  CHECK(write_preferences(read->preferences, text).find("\"colour\": 3") != std::string::npos);
}

TEST_CASE("a wrong value names file, line and key", "[preferences]") {
  CHECK(fault_of("{\n\"network\": {\n\"master_port\": 80}}") ==
        "p.json, line 3: network.master_port: must be a whole number from 1025 to 65535, got 80");
  CHECK(fault_of("{\"network\": {\"subnets\": [1]}}").find("line 1: network.subnets: must be a list") !=
        std::string::npos);
  CHECK(fault_of("{\"network\": 3}") == "p.json, line 1: network: must be {...}, got 3");
  CHECK(fault_of("{\"devices\": {\"gpus\": \"x\"}}").find("must be all, or numbers") != std::string::npos);
  CHECK(fault_of("{\n\n oops}") == "p.json, line 3: this is not JSON");
  CHECK(fault_of("[]").find("must hold one") != std::string::npos);
  for (const char* wrong : {"{\"network\": {\"enable\": 1}}", "{\"network\": {\"daemon_port\": 70000}}",
                            "{\"network\": {\"scan_interval_s\": 0}}", "{\"network\": {\"use\": \"\"}}",
                            "{\"network\": {\"enabled_daemons\": [{}]}}", "{\"devices\": {\"cpu\": null}}"})
    CHECK(fault_of(wrong) != "none");
  CHECK(fault_of(std::string(100'000, '[')) != "none");
}

TEST_CASE("single preferences are set by text", "[preferences]") {
  Preferences preferences;
  CHECK(set_preference(preferences, "network.enable", "true"));
  CHECK(set_preference(preferences, "network.daemon_addresses", "10.0.0.11,RENDER2:48010"));
  CHECK(set_preference(preferences, "network.scan_interval_s", "2.5"));
  CHECK_FALSE(preferences.scene.allow_external_files);
  CHECK(set_preference(preferences, "scene.allow_external_files", "true"));
  CHECK(preferences.scene.allow_external_files);
  CHECK(read_preferences(write_preferences(preferences), "p.json")->preferences == preferences);
  CHECK(preferences.network.enable);
  CHECK(preferences.network.daemon_addresses == std::vector<std::string>{"10.0.0.11", "RENDER2:48010"});
  const Preferences before = preferences;
  for (const auto& [key, value] : {std::pair{"network.enable", "maybe"},
                                   {"network.master_port", "80"},
                                   {"network.master_port", "x"},
                                   {"devices.gpus", ","},
                                   {"network", "1"},
                                   {"network.enabled_daemons", "x"},
                                   {"network.colour", "red"}})
    CHECK_FALSE(set_preference(preferences, key, value));
  CHECK(preferences == before);
}

TEST_CASE("lines of values are found by their paths", "[preferences]") {
  const auto lines = json_lines("{\n\"a\": {\"b\": [1,\n\"x\\\"}\"]},\n\"c\": null}");
  CHECK(lines.at("a.b") == 2);
  CHECK(lines.at("a.b.1") == 3);
  CHECK(lines.at("c") == 4);
  json_lines("{{{]]]\"");  // no JSON: it only must not fall over
}

TEST_CASE("changes of several at once are not lost", "[preferences]") {
  TempDir folder;
  const ScopedVariable place("OCTANE_CONFIG_DIR", folder.file("settings"));
  constexpr int kEach = 10;
  const auto add = [](int who) {
    for (int i = 0; i < kEach; ++i) {
      const auto changed = change_preferences([&](Preferences& preferences) -> Result<void> {
        preferences.network.daemon_addresses.push_back(fmt::format("a{}-{}", who, i));
        return {};
      });
      if (!changed) return;
    }
  };
  std::thread first(add, 1), second(add, 2);
  first.join();
  second.join();
  const auto read = load_preferences();
  REQUIRE(read);
  CHECK(read->preferences.network.daemon_addresses.size() == 2 * kEach);
  CHECK(reset_preferences());
  CHECK(load_preferences()->preferences == Preferences());
}

#if !defined(_WIN32)
TEST_CASE("preferences that cannot be reached are an error, and are not waited for", "[preferences]") {
  const TempDir folder;
  const ScopedVariable place("OCTANE_CONFIG_DIR", folder.file("settings"));
  const std::filesystem::path file = folder.path() / "settings" / "preferences.json";
  CHECK(load_preferences());
  std::filesystem::create_directories(file.parent_path());
  std::filesystem::create_symlink("nowhere", file);
  const auto dangling = load_preferences();
  REQUIRE_FALSE(dangling);
  CHECK(dangling.error().message.find("leads nowhere") != std::string::npos);
  CHECK_FALSE(dangling.error().help.empty());
  std::filesystem::remove(file);
  REQUIRE(mkfifo(file.c_str(), 0600) == 0);
  CHECK_FALSE(load_preferences());
  CHECK_FALSE(change_preferences([](Preferences&) { return Result<void>(); }));
  CHECK_FALSE(reset_preferences());
  std::filesystem::remove(file);
  CHECK(reset_preferences());
  CHECK(load_preferences());
}
#endif
