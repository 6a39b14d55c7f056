#include "master/packed_sizes.hpp"

#include <algorithm>

#include "wire/chunk_codec.hpp"
#include "wire/compression.hpp"

namespace oct {
namespace {

constexpr std::size_t kSampleChunks = 64;  // 16 MB at most

/// `part` of a whole of which `whole.content` bytes become `whole.wire`.
std::uint64_t on_wire(std::uint64_t part, DataBytes whole) {
  if (whole.content == 0) return part;
  const double ratio = static_cast<double>(whole.wire) / static_cast<double>(whole.content);
  return static_cast<std::uint64_t>(static_cast<double>(part) * ratio + 0.5);
}

}  // namespace

PackedSample packed_sample_of(const ChunkedScene& scene, ThreadPool& pool) {
  const std::vector<ChunkId>& chunks = scene.manifest().chunks;
  PackedSample sample(std::min(chunks.size(), kSampleChunks));
  pool.for_each(sample.size(), [&](std::size_t i) {
    const ChunkId& id = chunks[i * chunks.size() / sample.size()];
    const ChunkView view = scene.find(id).value();
    const Chunk chunk = pack_chunk(id, view.content, view.element_bytes, readable_compressions());
    sample[i] = {id, {chunk.raw_bytes, chunk.content.size()}};
  });
  return sample;
}

PackedSizes::PackedSizes(std::uint64_t distinct_bytes, const PackedSample& sample)
    : distinct_(distinct_bytes) {
  for (const PackedChunk& chunk : sample) packed(chunk.id, chunk.bytes);
}

void PackedSizes::packed(const ChunkId& id, DataBytes bytes) {
  if (!seen_.insert(id).second) return;
  measured_.content += bytes.content;
  measured_.wire += bytes.wire;
}

DataBytes PackedSizes::total() const {
  const std::uint64_t rest = distinct_ - std::min(distinct_, measured_.content);
  return {distinct_, measured_.wire + on_wire(rest, measured_)};
}

void count_on_wire(SlaveStatus& slave, const UpdateBytes& update) {
  const std::uint64_t missing = slave.bytes_total - slave.bytes_done;
  DataBytes rest = update.total;
  if (update.sent.content < rest.content && update.sent.wire < rest.wire) {
    rest.content -= update.sent.content;
    rest.wire -= update.sent.wire;
  }
  slave.bytes_total = on_wire(slave.bytes_total, update.total);
  if (missing == 0) {
    slave.bytes_done = slave.bytes_total;
    return;
  }
  slave.bytes_total = std::max<std::uint64_t>(1, slave.bytes_total);
  const std::uint64_t pending = std::clamp<std::uint64_t>(on_wire(missing, rest), 1, slave.bytes_total);
  slave.bytes_done = slave.bytes_total - pending;
}

}  // namespace oct
