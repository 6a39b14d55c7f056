#include "net/discovery.hpp"

#include "base/check.hpp"
#include "wire/codec.hpp"

namespace oct {
namespace {

constexpr std::size_t kMacBytes = sizeof(Mac);

Bytes with_mac(Bytes packet, const NetworkAccess& access) {
  if (!access.key) return packet;
  const Mac mac = discovery_mac(*access.key, packet);
  packet.insert(packet.end(), mac.begin(), mac.end());
  return packet;
}

/// The packet in front, and what may be its MAC.
struct Parts {
  Packet packet;
  ByteView signed_bytes, mac;
};

Result<Parts> cut(ByteView bytes) {
  OCT_TRY_ASSIGN(const PacketHeader header, read_packet_header(bytes));
  const std::size_t size = kPacketHeaderBytes + header.document_bytes + header.payload_bytes;
  if (bytes.size() != size && bytes.size() != size + kMacBytes)
    return fail(ErrorKind::protocol, "a datagram of the wrong size");
  const ByteView document = bytes.subspan(kPacketHeaderBytes, header.document_bytes);
  const ByteView payload = bytes.subspan(kPacketHeaderBytes + header.document_bytes, header.payload_bytes);
  Parts parts;
  parts.packet = {static_cast<MessageType>(header.type), header.request_id,
                  Bytes(document.begin(), document.end()), Bytes(payload.begin(), payload.end())};
  parts.signed_bytes = bytes.first(size);
  parts.mac = bytes.subspan(size);
  return parts;
}

template <class Message>
Result<Datagram<Message>> read_datagram(ByteView bytes, const NetworkAccess& access) {
  if (bytes.size() > kProbeBytes) return fail(ErrorKind::protocol, "a datagram of the wrong size");
  OCT_TRY_ASSIGN(Parts parts, cut(bytes));
  OCT_TRY_ASSIGN(auto any, decode_daemon_message(std::move(parts.packet)));
  auto* known = std::get_if<DaemonMessage>(&any);
  auto* message = known == nullptr ? nullptr : std::get_if<Message>(known);
  if (message == nullptr) return fail(ErrorKind::protocol, "a datagram of another kind");
  const bool proved = access.key && is_discovery_mac(*access.key, parts.signed_bytes, parts.mac);
  return Datagram<Message>{std::move(*message), proved};
}

}  // namespace

Bytes probe_datagram(DaemonProbe probe, const NetworkAccess& access) {
  probe.farm = access.farm();
  probe.padding.clear();
  const std::size_t size = encode(probe).size() + (access.key ? kMacBytes : 0);
  OCT_CHECK(size <= kProbeBytes);
  probe.padding.resize(kProbeBytes - size);
  return with_mac(encode(probe), access);
}

Bytes status_datagram(DaemonStatus status, const NetworkAccess& access) {
  status.farm = access.farm();
  Bytes bytes = with_mac(encode(status), access);
  OCT_CHECK(bytes.size() <= kProbeBytes);
  return bytes;
}

bool is_cookie_alone(const DaemonStatus& status) {
  return !status.cookie.empty() && status.id.empty();
}

Result<Datagram<DaemonProbe>> read_probe(ByteView bytes, const NetworkAccess& access) {
  return read_datagram<DaemonProbe>(bytes, access);
}

Result<Datagram<DaemonStatus>> read_status(ByteView bytes, const NetworkAccess& access) {
  return read_datagram<DaemonStatus>(bytes, access);
}

}  // namespace oct
