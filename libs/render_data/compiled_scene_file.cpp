#include "render_data/compiled_scene_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <unordered_set>
#include <utility>

#include "base/escaped.hpp"
#include "base/file.hpp"
#include "base/regular_file.hpp"
#include "render_data/compiled_scene_head.hpp"
#include "render_data/rebuilder.hpp"
#include "wire/chunk_codec.hpp"
#include "wire/compression.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

constexpr const char* kEnding = ".octscene";

/// Chunks that are packed or unpacked together, for each thread: threads seldom wait, and memory holds them.
constexpr std::size_t kChunksEach = 16;

/// What stands before the bytes of a chunk: its length, stride, compression, and how many bytes follow.
constexpr std::size_t kChunkHeadBytes = 16;

/// Each name once, in the order of the manifest: that of the chunks in the file.
std::vector<ChunkId> distinct_chunks(const Manifest& manifest) {
  std::unordered_set<ChunkId> seen;
  std::vector<ChunkId> chunks;
  for (const ChunkId& id : manifest.chunks) {
    if (seen.insert(id).second) chunks.push_back(id);
  }
  return chunks;
}

Bytes chunk_bytes(const Chunk& chunk) {
  Bytes bytes;
  for (const std::uint32_t number :
       {chunk.raw_bytes, chunk.stride, static_cast<std::uint32_t>(chunk.compression),
        static_cast<std::uint32_t>(chunk.content.size())}) {
    const ByteView view = bytes_of_value(number);
    bytes.insert(bytes.end(), view.begin(), view.end());
  }
  bytes.insert(bytes.end(), chunk.content.begin(), chunk.content.end());
  return bytes;
}

Unexpected unusable(std::string message, std::string help = {}) {
  return fail(ErrorKind::invalid_input, std::move(message), std::move(help));
}

Unexpected about(const std::string& path, Error error) {
  error.message = fmt::format("{}: {}", escaped(file_name(path)), error.message);
  return fail(std::move(error));
}

/// A compiled scene as it is read, front to back.
class FileReader {
 public:
  static Result<FileReader> open(const std::string& path) {
    std::error_code error;
    const std::filesystem::path real = real_path(path_from_utf8(path), error);
    if (error) return unusable("file not found");
    OCT_TRY_ASSIGN(RegularFile opened, RegularFile::open(real));
    const auto file = std::make_shared<RegularFile>(std::move(opened));
    const auto read = [file](std::uint64_t size) -> Result<Bytes> {
      Bytes bytes;
      OCT_TRY(file->read(size, bytes));
      return bytes;
    };
    return FileReader(read, file->size());
  }

  /// Of a file that is in memory, and stays there.
  static FileReader of(ByteView file) {
    const auto read = [file, at = std::size_t{0}](std::uint64_t size) mutable -> Result<Bytes> {
      const ByteView piece = file.subspan(at, size);
      at += piece.size();
      return Bytes(piece.begin(), piece.end());
    };
    return {read, file.size()};
  }

  /// Nothing is allocated for more than the file holds.
  Result<Bytes> take(std::uint64_t size) {
    if (size > left_) return unusable("is cut off");
    OCT_TRY_ASSIGN(Bytes bytes, read_(size));
    if (bytes.size() != size) return unusable("cannot be read to its end");
    left_ -= size;
    return bytes;
  }

  Result<CompiledSceneSummary> take_head() {
    OCT_TRY_ASSIGN(Bytes head, take(std::min<std::uint64_t>(left_, kCompiledSceneStartBytes)));
    OCT_TRY_ASSIGN(const std::uint64_t length, compiled_scene_head_bytes(head));
    OCT_TRY_ASSIGN(const Bytes rest, take(length - head.size()));
    head.insert(head.end(), rest.begin(), rest.end());
    return parse_compiled_scene_head(head);
  }

  Result<Chunk> take_chunk(const ChunkId& id) {
    OCT_TRY_ASSIGN(const Bytes head, take(kChunkHeadBytes));
    const auto number = [&](std::size_t index) { return load<std::uint32_t>(head.data() + 4 * index); };
    Chunk chunk;
    chunk.id = id;
    chunk.raw_bytes = number(0);
    chunk.stride = number(1);
    if (number(2) > 0xff || number(3) > kMaxChunkBytes)
      return unusable("is damaged: a chunk of it cannot be");
    chunk.compression = static_cast<Compression>(number(2));
    OCT_TRY_ASSIGN(chunk.content, take(number(3)));
    return chunk;
  }

  bool at_end() const { return left_ == 0; }

 private:
  using Read = std::function<Result<Bytes>(std::uint64_t)>;

  FileReader(Read read, std::uint64_t size) : read_(std::move(read)), left_(size) {}

  Read read_;  ///< the next so many bytes; fewer when the file has become shorter
  std::uint64_t left_;
};

/// Reads some chunks, unpacks them on all threads, and puts them where they belong.
Result<void> take_chunks(FileReader& file, std::span<const ChunkId> ids, ThreadPool& pool,
                         Rebuilder& rebuilder) {
  std::vector<Chunk> packed(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    OCT_TRY_ASSIGN(packed[i], file.take_chunk(ids[i]));
  }
  std::vector<Result<Bytes>> contents(ids.size(), Bytes());
  pool.for_each(ids.size(), [&](std::size_t i) { contents[i] = unpack_chunk(packed[i]); });
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!contents[i]) return unusable(fmt::format("is damaged: {}", contents[i].error().message));
    auto accepted = rebuilder.accept_unpacked(ids[i], *contents[i]);
    if (accepted) continue;
    if (accepted.error().kind == ErrorKind::exhausted) return fail(std::move(accepted.error()));
    return unusable(fmt::format("is damaged: {}", accepted.error().message));
  }
  return {};
}

Result<CompiledScene> read_all(FileReader file, std::uint64_t most_bytes, ThreadPool& pool) {
  OCT_TRY_ASSIGN(CompiledSceneSummary head, file.take_head());
  const std::vector<ChunkId> chunks = distinct_chunks(head.manifest);
  auto made = Rebuilder::make(std::move(head.manifest), most_bytes);
  if (!made && made.error().kind != ErrorKind::exhausted)
    return unusable(fmt::format("is damaged: {}", made.error().message));
  OCT_TRY_ASSIGN(Rebuilder rebuilder, std::move(made));
  const std::size_t together = kChunksEach * pool.thread_count();
  for (std::size_t first = 0; first < chunks.size(); first += together) {
    const std::size_t count = std::min(together, chunks.size() - first);
    OCT_TRY(take_chunks(file, std::span(chunks).subspan(first, count), pool, rebuilder));
  }
  if (!file.at_end()) return unusable("is damaged: it goes on behind its end");
  auto data = rebuilder.finish(&pool);
  if (!data) return unusable(fmt::format("holds what cannot be rendered: {}", data.error().message));
  return CompiledScene{std::move(head.header), *std::move(data)};
}

}  // namespace

bool is_compiled_scene_file(const std::string& path) {
  if (file_extension(path) == kEnding) return true;
  auto file = FileReader::open(path);
  if (!file) return false;
  const auto start = file->take(kCompiledSceneStartBytes);
  return start && is_compiled_scene(*start);
}

Result<void> write_compiled_scene(ByteSink& sink, const CompiledSceneHeader& header,
                                  const ChunkedScene& scene, ThreadPool& pool) {
  OCT_TRY(sink.write(compiled_scene_head(header, scene.manifest())));
  const std::vector<ChunkId> chunks = distinct_chunks(scene.manifest());
  const std::size_t together = kChunksEach * pool.thread_count();
  std::vector<Bytes> packed(together);
  for (std::size_t first = 0; first < chunks.size(); first += together) {
    const std::size_t count = std::min(together, chunks.size() - first);
    pool.for_each(count, [&](std::size_t i) {
      const ChunkId& id = chunks[first + i];
      const ChunkView view = scene.find(id).value();
      packed[i] = chunk_bytes(pack_chunk(id, view.content, view.element_bytes, readable_compressions()));
    });
    for (std::size_t i = 0; i < count; ++i) OCT_TRY(sink.write(packed[i]));
  }
  return {};
}

Result<void> write_compiled_scene(const std::string& path, const CompiledSceneHeader& header,
                                  const ChunkedScene& scene, ThreadPool& pool) {
  return stream_file_by_renaming(
      path, [&](ByteSink& sink) { return write_compiled_scene(sink, header, scene, pool); });
}

Result<CompiledScene> read_compiled_scene(const std::string& path, std::uint64_t most_bytes,
                                          ThreadPool& pool) {
  auto file = FileReader::open(path);
  if (!file) return about(path, std::move(file.error()));
  auto scene = read_all(*std::move(file), most_bytes, pool);
  if (!scene) return about(path, std::move(scene.error()));
  return scene;
}

Result<CompiledScene> read_compiled_scene(ByteView file, std::uint64_t most_bytes, ThreadPool& pool) {
  return read_all(FileReader::of(file), most_bytes, pool);
}

Result<CompiledSceneSummary> read_compiled_scene_head(const std::string& path) {
  auto file = FileReader::open(path);
  if (!file) return about(path, std::move(file.error()));
  auto head = file->take_head();
  if (!head) return about(path, std::move(head.error()));
  return head;
}

}  // namespace oct
