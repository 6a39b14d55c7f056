#pragma once
#include <memory>
#include <vector>

#include "data/render_data.hpp"
#include "render_data/shared_array.hpp"

namespace oct {

template <class T>
using HostArray = SharedArray<T>;

/// A compiled scene in host memory. Made by `compile` or rebuilt from chunks, then immutable and shared. Copies
/// share their arrays.
using RenderData = RenderDataArrays<HostArray>;
using RenderDataPtr = std::shared_ptr<const RenderData>;

/// What kernels read; lives as long as `data`.
RenderDataView view_of(const RenderData& data);

/// Bytes of all arrays together.
std::uint64_t byte_size(const RenderData& data);

/// The content hash of each array, in the order of each(). Hashes what has not been hashed yet on `threads`
/// threads, 0 = all.
std::vector<Digest> content_hashes(const RenderData& data, unsigned threads = 0);

/// Equal for scenes whose acceleration structures are the same: over positions, triangles, meshes and instances.
Digest geometry_hash(const RenderData& data, unsigned threads = 0);

/// The same scene seen by another camera or with other settings: all other arrays are shared.
RenderData with_camera_and_settings(const RenderData& data, const Camera& camera,
                                    const RenderSettings& settings);

/// Lets `data` hold the very arrays of `other` wherever both have the same content: they are then neither kept nor hashed
/// twice.
void share_equal_arrays(RenderData& data, const RenderData& other);

}  // namespace oct
