#pragma once
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/messages.hpp"

namespace oct {

/// What this build can unpack; `none` always. Builds without lz4 or zstd still talk to builds with them.
CompressionSet readable_compressions();

/// `raw` packed by this method (one that this build has); empty when it would not become smaller.
Bytes compress(Compression compression, ByteView raw);

/// Exactly `raw_bytes` bytes, or a protocol error: unknown method, damaged, another length. Allocates
/// raw_bytes, which the caller has bounded. Never throws.
Result<Bytes> decompress(Compression compression, ByteView packed, std::size_t raw_bytes);

/// The best method that both this build and the peer know.
Compression best_compression(CompressionSet peer_reads);

/// Bytes ready to travel: compressed where that pays by a tenth, else as they were.
struct PackedBytes {
  Compression compression = Compression::none;
  Bytes bytes;
};
PackedBytes pack_bytes(Bytes raw, CompressionSet peer_reads);

/// Groups the bytes of elements by their place: all first bytes, then all second bytes... The bytes of an
/// incomplete last element follow as they are. `to` has the size of `from` and does not overlap it. stride
/// >= 1.
void shuffle_bytes(std::span<const std::byte> from, std::size_t stride, std::span<std::byte> to);
/// The inverse.
void unshuffle_bytes(std::span<const std::byte> from, std::size_t stride, std::span<std::byte> to);

}  // namespace oct
