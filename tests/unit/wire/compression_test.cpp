#include "wire/compression.hpp"

#include "support/catch.hpp"
#include "support/random.hpp"
#include "wire/chunk_codec.hpp"

namespace oct {
namespace {

/// A smooth height field as float triples: what vertices look like.
Bytes vertex_bytes(std::size_t vertices) {
  std::vector<float> values;
  for (std::size_t i = 0; i < vertices; ++i) {
    const auto x = static_cast<float>(i % 100), y = static_cast<float>(i / 100);
    values.insert(values.end(), {x * 0.01f, y * 0.01f, x * y * 1e-5f});
  }
  const ByteView view = std::as_bytes(std::span(values));
  return {view.begin(), view.end()};
}

Bytes random_bytes(std::size_t count) {
  test::Random random(count);
  Bytes bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

std::vector<Compression> methods() {
  std::vector<Compression> known;
  for (const Compression method : {Compression::lz4, Compression::zstd})
    if (readable_compressions() & compression_bit(method)) known.push_back(method);
  return known;
}

TEST_CASE("shuffling groups bytes by their place, and unshuffling undoes it", "[wire]") {
  Bytes from;
  for (int i = 0; i < 14; ++i) from.push_back(static_cast<std::byte>(i));
  Bytes to(14);
  shuffle_bytes(from, 4, to);
  Bytes expected;
  for (const int i : {0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 13})
    expected.push_back(static_cast<std::byte>(i));
  CHECK(to == expected);
  for (const std::size_t stride : {1, 2, 3, 4, 8, 12, 16, 36, 104, 4096}) {
    for (const std::size_t size : {0, 1, 15, 1000, 100'001}) {
      const Bytes original = random_bytes(size);
      Bytes there(size), back(size);
      shuffle_bytes(original, stride, there);
      unshuffle_bytes(there, stride, back);
      REQUIRE(back == original);
    }
  }
}

TEST_CASE("each method unpacks what it packed, and packs nothing that would not shrink", "[wire]") {
  for (const Compression method : methods()) {
    INFO(to_string(method));
    const Bytes raw(100'000, std::byte{5});
    const Bytes packed = compress(method, raw);
    REQUIRE_FALSE(packed.empty());
    CHECK(packed.size() < 2000);
    const auto unpacked = decompress(method, packed, raw.size());
    REQUIRE(unpacked.has_value());
    CHECK(*unpacked == raw);
    CHECK(compress(method, random_bytes(10'000)).empty());
    CHECK(compress(method, {}).empty());
  }
}

TEST_CASE("damaged or mislabelled packed bytes are refused", "[wire]") {
  const Bytes raw = vertex_bytes(2000);
  for (const Compression method : methods()) {
    const Bytes packed = compress(method, raw);
    REQUIRE_FALSE(packed.empty());
    CHECK_FALSE(decompress(method, packed, raw.size() - 1).has_value());
    CHECK_FALSE(decompress(method, packed, raw.size() + 1).has_value());
    CHECK_FALSE(decompress(method, ByteView(packed).first(packed.size() / 2), raw.size()).has_value());
    CHECK_FALSE(decompress(method, {}, raw.size()).has_value());
  }
  CHECK(decompress(Compression::none, raw, raw.size()).has_value());
  CHECK_FALSE(decompress(Compression::none, raw, raw.size() - 1).has_value());
}

TEST_CASE("chunks travel packed where the peer reads it, and as they are where it does not", "[wire]") {
  const Bytes content = vertex_bytes(20'000);
  const ChunkId id = chunk_id_of(content);
  for (CompressionSet reads = 0; reads <= kAllCompressions; ++reads) {
    INFO("reads " << reads);
    const Chunk chunk = pack_chunk(id, content, 12, reads);
    CHECK((chunk.compression == Compression::none || (reads & compression_bit(chunk.compression)) != 0));
    if ((reads & readable_compressions()) > 1) CHECK(chunk.content.size() < content.size() * 6 / 10);
    const auto unpacked = unpack_chunk(chunk);
    REQUIRE(unpacked.has_value());
    CHECK(*unpacked == content);
  }
  const Bytes noise = random_bytes(kMaxChunkBytes);
  const Chunk chunk = pack_chunk(chunk_id_of(noise), noise, 4, kAllCompressions);
  CHECK(chunk.compression == Compression::none);
  CHECK(chunk.content == noise);
}

TEST_CASE("a chunk with another content, name or size is refused", "[wire]") {
  const Bytes content = vertex_bytes(1000);
  const Chunk good = pack_chunk(chunk_id_of(content), content, 12, kAllCompressions);
  const auto refused = [&](auto change) {
    Chunk chunk = good;
    change(chunk);
    const auto result = unpack_chunk(chunk);
    return !result.has_value() && result.error().kind == ErrorKind::protocol;
  };
  CHECK(refused([](Chunk& chunk) { chunk.id.bytes[7] ^= 1; }));
  CHECK(refused([](Chunk& chunk) { chunk.content.back() ^= std::byte{1}; }));
  CHECK(refused([](Chunk& chunk) { chunk.content.pop_back(); }));
  CHECK(refused([](Chunk& chunk) { chunk.stride = 0; }));
  CHECK(refused([](Chunk& chunk) { chunk.stride = chunk.stride == 1 ? 12 : 1; }));
  CHECK(refused([](Chunk& chunk) { chunk.raw_bytes = 0; }));
  CHECK(refused([](Chunk& chunk) { chunk.raw_bytes += 12; }));
  CHECK(refused([](Chunk& chunk) { chunk.raw_bytes = 0xffffffff; }));
}

}  // namespace
}  // namespace oct
