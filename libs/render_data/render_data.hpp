#pragma once
#include <memory>
#include <vector>

#include "data/render_data.hpp"

namespace oct {

template <class T>
using HostArray = std::vector<T>;

/// A compiled scene in host memory. Made by `compile` or rebuilt from chunks, then immutable and shared.
using RenderData = RenderDataArrays<HostArray>;
using RenderDataPtr = std::shared_ptr<const RenderData>;

/// What kernels read; lives as long as `data`.
RenderDataView view_of(const RenderData& data);

/// Bytes of all arrays together.
std::uint64_t byte_size(const RenderData& data);

}  // namespace oct
