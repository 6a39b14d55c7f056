#include "film/contribution_codec.hpp"
#include "fuzz/fuzz_target.hpp"
#include "support/film_maker.hpp"
#include "wire/chunk_codec.hpp"
#include "wire/codec.hpp"

namespace {

/// Byte 0: type; bytes 1, 2: length of the document; then document and payload.
oct::Packet packet_of(oct::ByteView input) {
  oct::Packet packet;
  packet.type = static_cast<oct::MessageType>(std::to_integer<unsigned>(input[0]));
  const std::size_t wanted = std::to_integer<std::size_t>(input[1]) | std::to_integer<std::size_t>(input[2])
                                                                          << 8;
  const oct::ByteView rest = input.subspan(3);
  const oct::ByteView document = rest.first(std::min(wanted, rest.size()));
  const oct::ByteView payload = rest.subspan(document.size());
  packet.document.assign(document.begin(), document.end());
  packet.payload.assign(payload.begin(), payload.end());
  return packet;
}

}  // namespace

/// A message is refused, or encodes to the bytes it came from and unpacks to something checked or an error.
OCT_FUZZ_TARGET(message) {
  if (input.size() < 3 || input.size() > oct::kMaxPayloadBytes) return;
  const oct::Packet packet = packet_of(input);
  const auto message = oct::decode_render_message(packet);
  if (!message) return;
  const oct::Bytes again = std::visit([](const auto& some) { return oct::encode(some); }, *message);
  OCT_CHECK(again == oct::pack(packet.type, 0, packet.document, packet.payload));
  if (const auto* chunk = std::get_if<oct::Chunk>(&*message)) (void)oct::unpack_chunk(*chunk);
  if (const auto* film = std::get_if<oct::FilmContributions>(&*message))
    (void)oct::unpack_contributions(oct::a_setting(160, 150, 64), *film);
}
