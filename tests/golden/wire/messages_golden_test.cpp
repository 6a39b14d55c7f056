#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "support/catch.hpp"
#include "support/sample_messages.hpp"
#include "wire/preamble.hpp"

namespace oct {
namespace {

constexpr const char* kFile = "tests/golden/wire/messages.txt";

std::string hex(ByteView bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

/// Name and bytes of everything that begins or makes up a conversation.
std::map<std::string, std::string> actual() {
  std::map<std::string, std::string> lines;
  lines["preamble"] = hex(encode_preamble({.version = 1000000, .farm = 0x7f3ac2, .name = "RENDER1"}));
  for (const RenderMessage& message : test::sample_messages()) {
    const MessageType type = std::visit([](const auto& some) { return some.kType; }, message);
    lines[to_string(type)] = hex(test::encode_any(message));
  }
  for (const DaemonMessage& message : test::sample_daemon_messages()) {
    const MessageType type = std::visit([](const auto& some) { return some.kType; }, message);
    lines[to_string(type)] = hex(test::encode_any(message));
  }
  return lines;
}

TEST_CASE("messages have the bytes that they always had", "[wire]") {
  const auto lines = actual();
  const std::size_t shared = 1;  // the heartbeat belongs to both conversations
  CHECK(lines.size() == 1 + std::variant_size_v<RenderMessage> + std::variant_size_v<DaemonMessage> - shared);
  if (std::getenv("OCT_WRITE_GOLDEN") !=
      nullptr) {  // the way to write them anew, after a change of the messages
    std::ofstream file(kFile);
    for (const auto& [name, bytes] : lines) file << name << ' ' << bytes << '\n';
  }
  std::ifstream file(kFile);
  REQUIRE(file.good());
  std::map<std::string, std::string> expected;
  std::string name, bytes;
  while (file >> name >> bytes) expected[name] = bytes;
  CHECK(expected.size() == lines.size());
  for (const auto& [key, value] : lines) {
    INFO(key);
    CHECK(expected[key] == value);
  }
}

}  // namespace
}  // namespace oct
