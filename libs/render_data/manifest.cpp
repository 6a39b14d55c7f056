#include "render_data/manifest.hpp"

#include <fmt/format.h>

#include "wire/limits.hpp"

namespace oct {
namespace {

/// What each() lists.
struct ArrayKind {
  const char* name;
  std::uint32_t element_bytes;
};

std::vector<ArrayKind> array_kinds() {
  std::vector<ArrayKind> kinds;
  const RenderData none;
  RenderData::each(none, [&]<class T>(const char* name, const HostArray<T>&) {
    kinds.push_back({name, sizeof(T)});
  });
  return kinds;
}

/// Texels are reached by 64-bit word numbers, all else by 32-bit indices.
std::uint64_t largest_count(std::string_view name) {
  return name == "texels" ? kMaxSceneBytes / sizeof(u32) : std::uint64_t{kNone} - 1;
}

}  // namespace

std::uint64_t chunk_count(const ArrayInfo& array) {
  const std::uint64_t full = elements_per_chunk(array.element_bytes);
  return array.count / full + (array.count % full > 0);
}

std::vector<ChunkPlace> chunk_places(const std::vector<ArrayInfo>& arrays) {
  std::vector<ChunkPlace> places;
  for (std::uint32_t i = 0; i < arrays.size(); ++i) {
    const std::uint64_t total = arrays[i].count * arrays[i].element_bytes;
    const std::uint64_t full = elements_per_chunk(arrays[i].element_bytes) * arrays[i].element_bytes;
    for (std::uint64_t first = 0; first < total; first += full) {
      places.push_back({i, first, static_cast<std::uint32_t>(std::min(full, total - first))});
    }
  }
  return places;
}

std::uint64_t byte_size(const Manifest& manifest) {
  std::uint64_t bytes = 0;
  for (const ArrayInfo& array : manifest.arrays) bytes += array.count * array.element_bytes;
  return bytes;
}

Manifest make_manifest(const RenderData& data, ThreadPool* pool) {
  Manifest manifest;
  RenderData::each(data, [&]<class T>(const char*, const HostArray<T>& array) {
    const std::vector<ChunkId>& names = array.chunk_names(pool);
    manifest.arrays.push_back({sizeof(T), array.size()});
    manifest.chunks.insert(manifest.chunks.end(), names.begin(), names.end());
  });
  return manifest;
}

Result<void> check_manifest(const Manifest& manifest, std::uint64_t max_bytes) {
  const auto bad = [](std::string what) { return fail(ErrorKind::protocol, "manifest: " + std::move(what)); };
  const std::vector<ArrayKind> expected = array_kinds();
  if (manifest.arrays.size() != expected.size()) {
    return bad(fmt::format("{} arrays instead of {}", manifest.arrays.size(), expected.size()));
  }
  std::uint64_t bytes = 0;
  std::uint64_t chunks = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const ArrayInfo& array = manifest.arrays[i];
    if (array.element_bytes != expected[i].element_bytes) {
      return bad(fmt::format("{} have {} bytes each instead of {}", expected[i].name, array.element_bytes,
                             expected[i].element_bytes));
    }
    if (array.count > largest_count(expected[i].name))
      return bad(fmt::format("{} {}", array.count, expected[i].name));
    bytes += array.count * array.element_bytes;  // no overflow: at most 20 x 2^32 x 112 and 2^40
    chunks += chunk_count(array);
  }
  if (manifest.chunks.size() != chunks) {
    return bad(fmt::format("{} chunks where its arrays need {}", manifest.chunks.size(), chunks));
  }
  if (bytes > max_bytes) {
    return fail(ErrorKind::exhausted,
                fmt::format("the scene has {} MB of render data; at most {} MB are taken", bytes >> 20,
                            max_bytes >> 20));
  }
  return {};
}

namespace {

/// Over the arrays that `counts(name)` is true for.
template <class Counts>
Digest hash_of_arrays(const Manifest& manifest, Counts&& counts) {
  Sha256 sum;
  std::size_t next_array = 0;
  auto next_chunk = manifest.chunks.begin();
  const RenderData names;
  RenderData::each(names, [&](const char* name, const auto&) {
    const ArrayInfo& array = manifest.arrays[next_array++];
    const auto first_chunk = next_chunk;
    next_chunk += static_cast<std::ptrdiff_t>(chunk_count(array));
    if (!counts(std::string_view(name))) return;
    sum.add(std::string_view(name));
    sum.add(std::string_view("\0", 1));
    sum.add(bytes_of_value(array.element_bytes));
    sum.add(bytes_of_value(array.count));
    sum.add(std::as_bytes(std::span(first_chunk, next_chunk)));
  });
  return sum.finish();
}

}  // namespace

Digest hash(const Manifest& manifest) {
  return hash_of_arrays(manifest, [](std::string_view) { return true; });
}

Digest hash_without_settings(const Manifest& manifest) {
  return hash_of_arrays(manifest, [](std::string_view name) { return name != "settings"; });
}

Digest hash(const RenderData& data, ThreadPool* pool) {
  return hash(make_manifest(data, pool));
}

}  // namespace oct
