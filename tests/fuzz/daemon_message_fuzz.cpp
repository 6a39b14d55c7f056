#include "fuzz/fuzz_target.hpp"
#include "wire/codec.hpp"

/// A message of the daemon conversation is refused, or read with the tolerance of a growing vocabulary; what
/// was read can be sent, and is read as the same. Byte 0: type; bytes 1, 2: length of the document; then
/// document and payload.
OCT_FUZZ_TARGET(daemon_message) {
  if (input.size() < 3 || input.size() > oct::kMaxPayloadBytes) return;
  oct::Packet packet;
  packet.type = static_cast<oct::MessageType>(std::to_integer<unsigned>(input[0]));
  const std::size_t wanted = std::to_integer<std::size_t>(input[1]) | std::to_integer<std::size_t>(input[2])
                                                                          << 8;
  const oct::ByteView rest = input.subspan(3);
  const oct::ByteView document = rest.first(std::min(wanted, rest.size()));
  const oct::ByteView payload = rest.subspan(document.size());
  packet.document.assign(document.begin(), document.end());
  packet.payload.assign(payload.begin(), payload.end());
  const auto any = oct::decode_daemon_message(std::move(packet));
  if (!any || !std::holds_alternative<oct::DaemonMessage>(*any)) return;
  const auto encode_any = [](const oct::DaemonMessage& message) {
    return std::visit([](const auto& some) { return oct::encode(some); }, message);
  };
  const oct::Bytes bytes = encode_any(std::get<oct::DaemonMessage>(*any));
  oct::PacketCutter cutter;
  for (oct::ByteView left = bytes; !left.empty();) {
    const auto space = cutter.space();
    const std::size_t count = std::min(space.size(), left.size());
    std::copy_n(left.begin(), count, space.begin());
    cutter.written(count);
    left = left.subspan(count);
  }
  auto again = cutter.next();
  OCT_CHECK(again.has_value() && again->has_value());
  const auto second = oct::decode_daemon_message(std::move(**again));
  OCT_CHECK(second.has_value());
  OCT_CHECK(encode_any(std::get<oct::DaemonMessage>(*second)) == bytes);
}
