#include "net/address.hpp"

#include "support/catch.hpp"

namespace oct {
namespace {

TEST_CASE("loopback addresses are recognised in every spelling, and nothing else is one", "[net]") {
  for (const char* address : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"}) {
    INFO(address);
    CHECK(is_loopback(address));
  }
  for (const char* address : {"10.0.0.1", "0.0.0.0", "::", "128.0.0.1", "::ffff:10.0.0.1", "fe80::1",
                              "localhost", "", "127", "127.0.0.1.example", " 127.0.0.1"}) {
    INFO(address);
    CHECK_FALSE(is_loopback(address));
  }
}

TEST_CASE("without a key only this computer is served, unless the user trusts the network", "[net]") {
  CHECK(check_access({.insecure = false}, "127.0.0.1").has_value());
  CHECK(check_access({.insecure = true}, "10.0.0.11").has_value());
  const auto refused = check_access({.insecure = false}, "10.0.0.11");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorKind::incompatible);
  CHECK(refused.error().message ==
        "this computer has no farm.key: network rendering serves only this computer");
  CHECK(refused.error().help.find("octane_master activate") != std::string::npos);
  CHECK(refused.error().help.find("--net-insecure") != std::string::npos);
}

TEST_CASE("with a key every address may be talked to where the build can encrypt, and none where not",
          "[net]") {
  const NetworkAccess access{.key = FarmKey::generate()};
  for (const char* address : {"127.0.0.1", "10.0.0.11"}) {
    const auto allowed = check_access(access, address);
    CHECK(allowed.has_value() == has_tls());
    if (!allowed) CHECK(allowed.error().message.find("no TLS") != std::string::npos);
  }
  CHECK(access.farm() == access.key->farm());
  CHECK(NetworkAccess{}.farm() == 0);
}

TEST_CASE("endpoints are written with brackets where an address has colons", "[net]") {
  CHECK(Endpoint{"10.0.0.103", 21000}.text() == "10.0.0.103:21000");
  CHECK(Endpoint{"::1", 21000}.text() == "[::1]:21000");
}

TEST_CASE("this computer has a name without a domain", "[net]") {
  const std::string name = host_name();
  CHECK_FALSE(name.empty());
  CHECK(name.find('.') == std::string::npos);
}

}  // namespace
}  // namespace oct
