#pragma once
#include "base/result.hpp"
#include "wire/messages.hpp"

namespace oct {

/// Packs one chunk for a peer that reads `peer_reads`: bytes grouped by element and compressed, when that
/// pays by a tenth. content         1..kMaxChunkBytes element_bytes   of the array that it is a piece of Some
/// 0.1 ms: for a worker, not for the network's thread.
Chunk pack_chunk(const ChunkId& id, ByteView content, std::size_t element_bytes, CompressionSet peer_reads);

/// The content, whose hash is its name, or a protocol error. Never throws.
Result<Bytes> unpack_chunk(const Chunk& chunk);

}  // namespace oct
