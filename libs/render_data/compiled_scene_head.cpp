#include "render_data/compiled_scene_head.hpp"

#include <fmt/format.h>

#include <cstring>
#include <span>

#include "base/cursor.hpp"
#include "wire/limits.hpp"
#include "wire/text.hpp"

namespace oct {
namespace {

// As PNG has it: a byte above 127, a name, and line ends that a transfer as text would change.
constexpr unsigned char kMagic[8] = {0x89, 'O', 'S', 'C', '\r', '\n', 0x1a, '\n'};
constexpr std::size_t kDigest = sizeof(Digest::bytes);

/// No head is longer: as many chunks as the largest scene has, 20 bytes each, leave room for all else.
constexpr std::uint64_t kMostHeadBytes =
    std::uint64_t{kMaxSceneBytes / kMaxChunkBytes + kMaxArrays} * 2 * sizeof(ChunkId);

void append(Bytes& head, ByteView bytes) {
  head.insert(head.end(), bytes.begin(), bytes.end());
}

template <class T>
void append_number(Bytes& head, T value) {
  append(head, bytes_of_value(value));
}

void append_text(Bytes& head, const std::string& text) {
  const std::string clean = clean_text(text, kMaxNameBytes);
  append_number(head, static_cast<std::uint32_t>(clean.size()));
  append(head, std::as_bytes(std::span(clean)));
}

Unexpected bad_head(std::string message, std::string help = {}) {
  return fail(ErrorKind::invalid_input, std::move(message), std::move(help));
}

std::string text_at(Cursor& cursor) {
  const ByteView bytes = cursor.take(cursor.u32());
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_name(const std::string& text) {
  return text.size() <= kMaxNameBytes && is_clean_text(text);
}

/// What is left is chunk ids.
Result<Manifest> manifest_at(Cursor& cursor, std::size_t end) {
  Manifest manifest;
  const std::uint32_t arrays = cursor.u32();
  if (arrays > kMaxArrays) return bad_head("is damaged: its head holds what cannot be");
  for (std::uint32_t i = 0; i < arrays; ++i) {
    ArrayInfo array;
    array.element_bytes = cursor.u32();
    array.count = cursor.u64();
    manifest.arrays.push_back(array);
  }
  if (cursor.failed() || (end - cursor.position()) % sizeof(ChunkId) != 0)
    return bad_head("is damaged: its head holds what cannot be");
  const ByteView ids = cursor.take(end - cursor.position());
  manifest.chunks.resize(ids.size() / sizeof(ChunkId));
  if (!ids.empty()) std::memcpy(manifest.chunks.data(), ids.data(), ids.size());
  return manifest;
}

}  // namespace

bool is_compiled_scene(ByteView first_bytes) {
  return first_bytes.size() >= sizeof kMagic && std::memcmp(first_bytes.data(), kMagic, sizeof kMagic) == 0;
}

Bytes compiled_scene_head(const CompiledSceneHeader& header, const Manifest& manifest) {
  Bytes head;
  append(head, std::as_bytes(std::span(kMagic)));
  append_number(head, kCompiledSceneVersion);
  append_number(head, std::uint64_t{0});  // the length, known at the end
  append_number(head, header.program_version);
  append(head, bytes_of_value(header.kernel_hash));
  append_text(head, header.scene_name);
  append_text(head, header.camera_name);
  append_number(head, static_cast<std::uint32_t>(manifest.arrays.size()));
  for (const ArrayInfo& array : manifest.arrays) {
    append_number(head, array.element_bytes);
    append_number(head, array.count);
  }
  append(head, std::as_bytes(std::span(manifest.chunks)));
  const std::uint64_t length = head.size() + kDigest;
  std::memcpy(head.data() + 12, &length, sizeof length);
  append(head, bytes_of_value(sha256(head)));
  return head;
}

Result<std::uint64_t> compiled_scene_head_bytes(ByteView start) {
  if (!is_compiled_scene(start)) return bad_head("is not a compiled scene");
  if (start.size() < kCompiledSceneStartBytes) return bad_head("is cut off");
  const auto version = load<std::uint32_t>(start.data() + 8);
  if (version != kCompiledSceneVersion) {
    return bad_head(fmt::format("is a compiled scene of format {}; this program reads format {}", version,
                                kCompiledSceneVersion),
                    "compile the scene again with this program, or use the program that wrote it");
  }
  const auto length = load<std::uint64_t>(start.data() + 12);
  if (length < kCompiledSceneStartBytes + kDigest || length > kMostHeadBytes)
    return bad_head("is damaged: the length of its head is not possible");
  return length;
}

Result<CompiledSceneSummary> parse_compiled_scene_head(ByteView head) {
  OCT_TRY_ASSIGN(const std::uint64_t length, compiled_scene_head_bytes(head));
  if (head.size() < length) return bad_head("is cut off");
  const ByteView content = head.first(length - kDigest);
  if (sha256(content) != load<Digest>(head.data() + content.size()))
    return bad_head("is damaged: its head has another checksum");
  Cursor cursor(content);
  cursor.take(kCompiledSceneStartBytes);
  CompiledSceneSummary summary;
  summary.header.program_version = cursor.u32();
  const ByteView kernels = cursor.take(kDigest);
  if (!kernels.empty()) summary.header.kernel_hash = load<Digest>(kernels.data());
  summary.header.scene_name = text_at(cursor);
  summary.header.camera_name = text_at(cursor);
  if (cursor.failed() || !is_name(summary.header.scene_name) || !is_name(summary.header.camera_name))
    return bad_head("is damaged: its head holds what cannot be");
  OCT_TRY_ASSIGN(summary.manifest, manifest_at(cursor, content.size()));
  if (auto possible = check_manifest(summary.manifest, kMaxSceneBytes); !possible) {
    return bad_head(
        fmt::format("holds render data that this program does not know ({})", possible.error().message),
        "compile the scene again with this program");
  }
  return summary;
}

}  // namespace oct
