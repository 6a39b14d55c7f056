#include "wire/chunk_codec.hpp"

#include <fmt/format.h>

#include "base/check.hpp"
#include "wire/compression.hpp"

namespace oct {
namespace {

/// Grouping pays for elements of several numbers; long ones (and single bytes) stay as they are.
std::uint32_t stride_for(std::size_t element_bytes) {
  return element_bytes <= kMaxElementBytes && element_bytes > 0 ? static_cast<std::uint32_t>(element_bytes)
                                                                : 1;
}

}  // namespace

Chunk pack_chunk(const ChunkId& id, ByteView content, std::size_t element_bytes, CompressionSet peer_reads) {
  OCT_CHECK(!content.empty() && content.size() <= kMaxChunkBytes);
  Chunk chunk;
  chunk.id = id;
  chunk.raw_bytes = static_cast<std::uint32_t>(content.size());
  if (best_compression(peer_reads) != Compression::none) {
    const std::uint32_t stride = stride_for(element_bytes);
    Bytes grouped(content.size());
    shuffle_bytes(content, stride, grouped);
    PackedBytes packed = pack_bytes(std::move(grouped), peer_reads);
    if (packed.compression != Compression::none) {
      chunk.stride = stride;
      chunk.compression = packed.compression;
      chunk.content = std::move(packed.bytes);
      return chunk;
    }
  }
  chunk.content.assign(content.begin(), content.end());
  return chunk;
}

Result<Bytes> unpack_chunk(const Chunk& chunk) {
  if (chunk.raw_bytes == 0 || chunk.raw_bytes > kMaxChunkBytes || chunk.stride == 0 ||
      chunk.stride > kMaxElementBytes)
    return fail(ErrorKind::protocol, fmt::format("chunk {} has impossible sizes", chunk.id.hex()));
  OCT_TRY_ASSIGN(Bytes content, decompress(chunk.compression, chunk.content, chunk.raw_bytes));
  if (chunk.stride > 1) {
    Bytes grouped = std::move(content);
    content = Bytes(grouped.size());
    unshuffle_bytes(grouped, chunk.stride, content);
  }
  if (chunk_id_of(content) != chunk.id)
    return fail(ErrorKind::protocol, fmt::format("chunk {} has another content", chunk.id.hex()));
  return content;
}

}  // namespace oct
