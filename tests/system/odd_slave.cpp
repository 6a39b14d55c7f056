// A slave that a master must refuse: octane_odd_slave PORT version|hello_version|kernels|lease. Prints what
// it is answered.
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "support/raw_client.hpp"
#include "wire/compression.hpp"
#include "wire/kernel_hash.hpp"

namespace {

using namespace oct;

constexpr std::uint32_t kOddVersion = 999002;

int refused_at_the_door(test::RawClient& client, Preamble preamble) {
  preamble.version = kOddVersion;
  const auto answer = client.greet(preamble);
  if (!answer) return 1;
  fmt::print("preamble word {} version {}\n", static_cast<int>(answer->word), answer->version);
  return answer->word == PreambleWord::other_version ? 0 : 1;
}

int refused_after_hello(test::RawClient& client, const Preamble& preamble, const SlaveHello& hello) {
  if (!client.greet(preamble) || !client.send_message(hello)) return 1;
  const auto packet = client.receive_packet();
  if (!packet) return 1;
  const auto message = decode_render_message(*packet);
  if (!message) return 1;
  if (const auto* refusal = std::get_if<MasterRefusal>(&*message)) {
    fmt::print("refusal {}: {}\n", to_string(refusal->reason), refusal->text);
    return 0;
  }
  return 1;
}

/// Accepted as a slave, then sends units of a lease that it was never granted.
int unasked_units(test::RawClient& client, const Preamble& preamble, const SlaveHello& hello) {
  if (!client.greet(preamble) || !client.send_message(hello)) return 1;
  FilmContributions contributions;
  contributions.lease = 4711;
  contributions.units = {ContributionInfo{1'000'000, 0, 1, 0, 0}};
  if (!client.send_message(contributions)) return 1;
  while (const auto packet = client.receive_packet()) {
    const auto message = decode_render_message(*packet);
    if (!message) return 1;
    if (const auto* goodbye = std::get_if<Goodbye>(&*message)) {
      fmt::print("goodbye {}: {}\n", to_string(goodbye->reason), goodbye->text);
      return 0;
    }
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string what = argv[2];
  test::RawClient client(static_cast<std::uint16_t>(std::atoi(argv[1])));
  if (!client.is_connected()) return 3;
  Preamble preamble;
  preamble.name = "ODD-1";
  SlaveHello hello;
  hello.name = "ODD-1";
  hello.platform = "linux";
  hello.kernel_hash = kernel_hash();
  hello.reads = readable_compressions();
  hello.devices.resize(1);
  hello.canaries.resize(1);
  if (what == "version") return refused_at_the_door(client, preamble);
  if (what == "hello_version") hello.version = kOddVersion;
  if (what == "kernels") hello.kernel_hash = sha256({});
  if (what == "lease") return unasked_units(client, preamble, hello);
  return refused_after_hello(client, preamble, hello);
}
