#include "wire/codec.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/messages.hpp"

namespace oct {
namespace {

using Json = nlohmann::ordered_json;

/// A packet whose document is whatever a test writes.
Packet packet_of(MessageType type, const Json& json, Bytes payload = {}) {
  const auto cbor = Json::to_cbor(json);
  const ByteView view = std::as_bytes(std::span(cbor));
  return {type, 0, Bytes(view.begin(), view.end()), std::move(payload)};
}

template <class Message>
std::string refusal(const Json& json, Bytes payload = {}) {
  const auto decoded = decode<Message>(packet_of(Message::kType, json, std::move(payload)));
  if (decoded) return "accepted";
  CHECK(decoded.error().kind == ErrorKind::protocol);
  return decoded.error().message;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("fields that are missing, unknown, of another type or out of range are refused by name", "[wire]") {
  const Json good = {{"frame", 1}, {"device", 2}, {"state", 1}, {"text", "x"}};
  CHECK(refusal<DeviceReport>(good) == "accepted");
  const auto with = [&](const char* key, Json value) {
    Json json = good;
    json[key] = std::move(value);
    return refusal<DeviceReport>(json);
  };
  Json without = good;
  without.erase("device");
  CHECK(has(refusal<DeviceReport>(without), "device is missing"));
  CHECK(has(with("extra", 1), "unknown fields"));
  CHECK(has(with("device", "2"), "device: is not an unsigned number"));
  CHECK(has(with("device", kMaxDevices), "device: is 64, at most 63"));
  CHECK(has(with("frame", 1ull << 32), "frame: is 4294967296"));
  CHECK(has(with("state", 3), "state: is 3, at most 2"));
  CHECK(has(with("text", Json::array()), "text: is not text"));
  CHECK(has(with("text", std::string(kMaxTextBytes + 1, 'x')), "longer than"));
  CHECK(has(with("text", "\x1b[2J"), "clean"));
  CHECK(has(with("text", "\xff"), "clean"));
  CHECK(has(refusal<DeviceReport>(Json::array()), "not a map"));
}

TEST_CASE("lists and hashes are checked entry by entry", "[wire]") {
  Json device = {{"kind", 0}, {"index", 0}, {"name", "CPU"}, {"memory_bytes", 1}, {"threads", 4}};
  Json hello = {{"version", 1}, {"kernel_hash", Json::binary(std::vector<std::uint8_t>(32))},
                {"name", "n"},  {"platform", "linux"},
                {"reads", 1},   {"devices", Json::array({device, device})},
                {"canaries", Json::array({Json{{"digest", Json::binary(std::vector<std::uint8_t>(32))}}})}};
  CHECK(refusal<SlaveHello>(hello) == "accepted");
  Json bad = hello;
  bad["devices"][1]["kind"] = 2;
  CHECK(has(refusal<SlaveHello>(bad), "devices: kind: is 2"));
  bad = hello;
  bad["devices"] = Json::array();
  for (std::size_t i = 0; i <= kMaxDevices; ++i) bad["devices"].push_back(device);
  CHECK(has(refusal<SlaveHello>(bad), "more than 64 entries"));
  bad = hello;
  bad["kernel_hash"] = Json::binary(std::vector<std::uint8_t>(31));
  CHECK(has(refusal<SlaveHello>(bad), "wrong length"));
  bad = hello;
  bad["canaries"][0]["digest"] = Json::binary(std::vector<std::uint8_t>(33));
  CHECK(has(refusal<SlaveHello>(bad), "canaries: digest"));
  bad = hello;
  bad["kernel_hash"] = std::string(32, 'x');
  CHECK(has(refusal<SlaveHello>(bad), "not a byte string"));
}

TEST_CASE("payloads that do not fit are refused", "[wire]") {
  const Json grant = {{"lease", 1}, {"frame", 1}, {"device", 0}};
  CHECK(refusal<LeaseGrant>(grant, Bytes(24)) == "accepted");
  CHECK(has(refusal<LeaseGrant>(grant, Bytes(25)), "does not fit"));
  CHECK(has(refusal<LeaseGrant>(grant, Bytes((kMaxLeaseUnits + 1) * 12)), "does not fit"));
  CHECK(has(refusal<Heartbeat>({{"progress", 1}, {"waited_us", 0}}, Bytes(1)), "none belongs"));
}

TEST_CASE("one content has one encoding", "[wire]") {
  const auto of = [](std::initializer_list<int> values) {
    Packet packet{MessageType::lease_recall, 0, {}, {}};
    for (const int value : values) packet.document.push_back(static_cast<std::byte>(value));
    return decode<LeaseRecall>(packet).has_value();
  };
  CHECK(of({0xa1, 0x65, 'l', 'e', 'a', 's', 'e', 5}));
  CHECK_FALSE(of({0xa1, 0x65, 'l', 'e', 'a', 's', 'e', 0x18, 5}));  // a longer number
  CHECK_FALSE(of({0xb8, 1, 0x65, 'l', 'e', 'a', 's', 'e', 5}));     // a longer head
  CHECK_FALSE(of({0xa2, 0x65, 'l', 'e', 'a', 's', 'e', 5, 0x65, 'l', 'e', 'a', 's', 'e', 5}));  // twice
}

TEST_CASE("a message of another or unknown type is refused", "[wire]") {
  Packet packet = test::one_packet(encode(Heartbeat{1}));
  CHECK_FALSE(decode<Goodbye>(packet).has_value());
  packet.type = static_cast<MessageType>(999);
  const auto refused = decode_render_message(packet);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorKind::protocol);
  CHECK(has(refused.error().message, "999"));
}

TEST_CASE("texts that we send are made fit for the other side", "[wire]") {
  Goodbye goodbye{.reason = GoodbyeReason::failed,
                  .text = "line\nbreak \x1b[31m \xff" + std::string(2000, 'x')};
  const auto decoded = decode<Goodbye>(test::one_packet(encode(goodbye)));
  REQUIRE(decoded.has_value());
  CHECK(decoded->text.starts_with("line?break ?[31m ?xxx"));
  CHECK(decoded->text.size() == kMaxTextBytes);
}

TEST_CASE("the log text of a message names its fields", "[wire]") {
  CHECK(log_text(DeviceReport{.frame = 2, .device = 1, .state = DeviceState::failed, .text = "too big"}) ==
        "device_report frame=2 device=1 state=failed text=\"too big\"");
  CHECK(log_text(LeaseGrant{.lease = 5, .frame = 1, .device = 0, .units = {{1, 0, 1}, {2, 0, 1}}}) ==
        "lease_grant lease=5 frame=1 device=0 payload=[2]");
}

}  // namespace
}  // namespace oct
