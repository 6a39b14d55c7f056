#include "render_data/render_data.hpp"

#include <array>
#include <cstring>
#include <optional>

namespace oct {

RenderDataView view_of(const RenderData& data) {
  std::array<std::pair<const void*, u64>, kRenderDataArrayCount> arrays;
  std::size_t next = 0;
  RenderData::each(data, [&](const char*, const auto& array) {
    arrays[next++] = {array.data(), array.size()};
  });

  RenderDataView view;
  next = 0;
  RenderDataView::each(view, [&]<class T>(const char*, ConstSpan<T>& span) {
    span = {static_cast<const T*>(arrays[next].first), arrays[next].second};
    ++next;
  });
  return view;
}

std::uint64_t byte_size(const RenderData& data) {
  std::uint64_t bytes = 0;
  RenderData::each(
      data, [&]<class T>(const char*, const HostArray<T>& array) { bytes += array.size() * sizeof(T); });
  return bytes;
}

std::vector<Digest> content_hashes(const RenderData& data, unsigned threads) {
  std::optional<ThreadPool> pool;
  std::vector<Digest> hashes;
  RenderData::each(data, [&](const char*, const auto& array) {
    if (!pool && !array.is_named()) pool.emplace(threads);
    hashes.push_back(array.content_hash(pool ? &*pool : nullptr));
  });
  return hashes;
}

Digest geometry_hash(const RenderData& data, unsigned threads) {
  std::optional<ThreadPool> pool;
  Sha256 hash;
  const auto add = [&](const auto& array) {
    if (!pool && !array.is_named()) pool.emplace(threads);
    hash.add(bytes_of_value(array.content_hash(pool ? &*pool : nullptr)));
  };
  add(data.positions);
  add(data.triangles);
  add(data.meshes);
  add(data.instances);
  return hash.finish();
}

RenderData with_camera_and_settings(const RenderData& data, const Camera& camera,
                                    const RenderSettings& settings) {
  RenderData next = data;
  next.cameras = std::vector{camera};
  next.settings = std::vector{settings};
  return next;
}

void share_equal_arrays(RenderData& data, const RenderData& other) {
  std::array<const void*, kRenderDataArrayCount> others;
  std::size_t next = 0;
  RenderData::each(other, [&](const char*, const auto& array) { others[next++] = &array; });
  next = 0;
  RenderData::each(data, [&]<class T>(const char*, HostArray<T>& array) {
    const auto& same = *static_cast<const HostArray<T>*>(others[next++]);  // each() has one order
    if (array.size() != same.size() || array.empty()) return;
    if (std::memcmp(array.data(), same.data(), array.size() * sizeof(T)) == 0) array = same;
  });
}

}  // namespace oct
