#include <fmt/format.h>

#include <cstring>

#include "scene/gltf_document.hpp"
#include "scene/invalid.hpp"

namespace oct {
namespace {

constexpr std::uint32_t kMagic = 0x46546c67;        // "glTF"
constexpr std::uint32_t kJsonChunk = 0x4e4f534a;    // "JSON"
constexpr std::uint32_t kBinaryChunk = 0x004e4942;  // "BIN"
constexpr std::size_t kHeaderSize = 12;
constexpr std::size_t kChunkHeaderSize = 8;

std::uint32_t u32_at(ByteView bytes, std::size_t offset) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

/// Chunks after the second, and of unknown kinds, are skipped, as the specification says.
Result<GltfContainer> split_chunks(ByteView file) {
  GltfContainer container;
  std::size_t at = kHeaderSize;
  for (std::size_t index = 0; at < file.size(); ++index) {
    if (file.size() - at < kChunkHeaderSize) return invalid(fmt::format("chunk {} is cut off", index));
    const std::uint32_t size = u32_at(file, at);
    const std::uint32_t kind = u32_at(file, at + 4);
    at += kChunkHeaderSize;
    if (size > file.size() - at) {
      return invalid(
          fmt::format("chunk {} is cut off: {} bytes of {} are there", index, file.size() - at, size));
    }
    if (index == 0 && kind != kJsonChunk) return invalid("the first chunk is not JSON");
    if (index == 0) container.json = file.subspan(at, size);
    if (index == 1 && kind == kBinaryChunk) container.binary = file.subspan(at, size);
    // chunks are padded to four bytes; some writers leave the last one short
    const std::size_t padded = (std::size_t{size} + 3) / 4 * 4;
    at += std::min(padded, file.size() - at);
  }
  if (container.json.empty()) return invalid("has no JSON chunk");
  return container;
}

}  // namespace

Result<GltfContainer> split_gltf(ByteView file) {
  if (file.empty()) return invalid("is empty");
  if (file.size() < 4 || u32_at(file, 0) != kMagic) return GltfContainer{file, std::nullopt};
  if (file.size() < kHeaderSize) return invalid("is cut off");
  const std::uint32_t version = u32_at(file, 4);
  const std::uint32_t length = u32_at(file, 8);
  if (version != 2) return invalid(fmt::format("is binary glTF of version {}, not 2", version));
  if (length < kHeaderSize) return invalid("says that it is shorter than its header");
  if (length > file.size())
    return invalid(fmt::format("is cut off: {} bytes of {} are there", file.size(), length));
  return split_chunks(file.first(length));
}

}  // namespace oct
