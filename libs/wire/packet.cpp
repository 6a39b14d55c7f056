#include "wire/packet.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"

namespace oct {
namespace {

constexpr std::size_t kReadAheadBytes = 64 * 1024;

std::size_t packet_bytes(const PacketHeader& header) {
  return kPacketHeaderBytes + header.document_bytes + header.payload_bytes;
}

Bytes copy_of(ByteView bytes) {
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace

Bytes pack(MessageType type, std::uint32_t request_id, ByteView document, ByteView payload) {
  OCT_CHECK(document.size() <= kMaxDocumentBytes);
  OCT_CHECK(payload.size() <= kMaxPayloadBytes);
  PacketHeader header;
  header.type = static_cast<std::uint16_t>(type);
  header.document_bytes = static_cast<std::uint32_t>(document.size());
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.request_id = request_id;
  const ByteView head = bytes_of_value(header);
  Bytes packet;
  packet.reserve(packet_bytes(header));
  packet.insert(packet.end(), head.begin(), head.end());
  packet.insert(packet.end(), document.begin(), document.end());
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

Result<PacketHeader> read_packet_header(ByteView bytes) {
  if (bytes.size() < kPacketHeaderBytes) return fail(ErrorKind::protocol, "packet header is cut short");
  PacketHeader header;
  std::memcpy(&header, bytes.data(), kPacketHeaderBytes);
  if (header.magic != PacketHeader::kMagic)
    return fail(ErrorKind::protocol,
                fmt::format("packet begins with {:08x}, not with our mark", header.magic));
  if (header.flags != 0)
    return fail(ErrorKind::protocol, fmt::format("packet has unknown flags {:04x}", header.flags));
  if (header.document_bytes > kMaxDocumentBytes)
    return fail(ErrorKind::protocol, fmt::format("document of {} bytes, at most {} are allowed",
                                                 header.document_bytes, kMaxDocumentBytes));
  if (header.payload_bytes > kMaxPayloadBytes)
    return fail(ErrorKind::protocol, fmt::format("payload of {} bytes, at most {} are allowed",
                                                 header.payload_bytes, kMaxPayloadBytes));
  return header;
}

std::span<std::byte> PacketCutter::space() {
  // Room for the rest of the packet that has begun, or for a read-ahead. A header of nonsense asks for no
  // room: next() reports it.
  std::size_t wanted = kReadAheadBytes;
  const ByteView begun = ByteView(buffer_).subspan(begin_, end_ - begin_);
  if (begun.size() >= kPacketHeaderBytes) {
    if (const auto header = read_packet_header(begun)) wanted = std::max(wanted, packet_bytes(*header));
  }
  if (begin_ > 0 && buffer_.size() - begin_ < wanted) {
    std::copy(begun.begin(), begun.end(), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  if (end_ == buffer_.size()) buffer_.resize(end_ + kReadAheadBytes);  // whole packets wait for next()
  return std::span(buffer_).subspan(end_);
}

void PacketCutter::written(std::size_t count) {
  OCT_CHECK(count <= buffer_.size() - end_);
  end_ += count;
}

Result<std::optional<Packet>> PacketCutter::next() {
  if (error_) return fail(*error_);
  const ByteView bytes = ByteView(buffer_).subspan(begin_, end_ - begin_);
  if (bytes.size() < kPacketHeaderBytes) return std::optional<Packet>();
  auto header = read_packet_header(bytes);
  if (!header) {
    error_ = header.error();
    return fail(*error_);
  }
  if (bytes.size() < packet_bytes(*header)) return std::optional<Packet>();
  Packet packet;
  packet.type = static_cast<MessageType>(header->type);
  packet.request_id = header->request_id;
  packet.document = copy_of(bytes.subspan(kPacketHeaderBytes, header->document_bytes));
  packet.payload = copy_of(bytes.subspan(kPacketHeaderBytes + header->document_bytes, header->payload_bytes));
  begin_ += packet_bytes(*header);
  if (begin_ == end_) begin_ = end_ = 0;
  return std::optional<Packet>(std::move(packet));
}

}  // namespace oct
