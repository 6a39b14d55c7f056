#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/messages.hpp"

namespace oct {

/// What begins every packet: 20 bytes, little-endian, no padding.
struct PacketHeader {
  std::uint32_t magic = kMagic;
  std::uint16_t type = 0;   ///< MessageType
  std::uint16_t flags = 0;  ///< none is defined: must be 0
  std::uint32_t document_bytes = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t request_id = 0;  ///< an answer repeats that of its question; 0 = no question

  static constexpr std::uint32_t kMagic = 0x4b50434f;  ///< "OCPK" as bytes
};
inline constexpr std::size_t kPacketHeaderBytes = 20;
static_assert(sizeof(PacketHeader) == kPacketHeaderBytes && std::is_trivially_copyable_v<PacketHeader>);

inline constexpr std::size_t kMaxPacketBytes = kPacketHeaderBytes + kMaxDocumentBytes + kMaxPayloadBytes;

/// One packet as it came from the wire: lengths are checked, content is not yet.
struct Packet {
  MessageType type{};
  std::uint32_t request_id = 0;
  Bytes document;
  Bytes payload;
};

/// The bytes of a packet. OCT_CHECKs the limits: what we send is ours to bound.
Bytes pack(MessageType type, std::uint32_t request_id, ByteView document, ByteView payload);

/// protocol error unless the header is one of ours and its lengths are within limits.
Result<PacketHeader> read_packet_header(ByteView bytes);

/// Cuts a stream of bytes into packets. Holds at most one packet beyond what was given to it; after an error
/// it stays in error.
class PacketCutter {
 public:
  /// Where the next bytes of the stream may be written: at least one byte, at most what the current packet
  /// lacks or a read-ahead of fixed size. Valid until the next call.
  std::span<std::byte> space();
  /// `count` bytes were written there.
  void written(std::size_t count);
  /// The next whole packet, or nothing: more bytes are needed.
  Result<std::optional<Packet>> next();
  /// Bytes that are no whole packet yet: a stream that ends now ends in the middle.
  bool in_the_middle() const { return end_ > begin_; }

 private:
  Bytes buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::optional<Error> error_;
};

}  // namespace oct
