#pragma once
#include <span>
#include <stop_token>

#include "base/result.hpp"
#include "base/thread_pool.hpp"
#include "render_data/render_data.hpp"

namespace oct {

/// Checks render data of unknown origin, so that whatever passes cannot make a kernel or a builder read out
/// of bounds, hang, or need more memory than its size explains: every index and range, enum, flag, finite
/// number and its range (render_data/limits.hpp), unit vectors, tables, and that meshes and images fill their
/// arrays without gap or overlap. Takes time proportional to the size of the data. protocol error that names
/// the first fault.
/// `cancelled` soon after a stop request.
///   valid  data that has passed; a check is left out if all arrays that it looks at are those of one of them
Result<void> validate(const RenderData& data, ThreadPool* pool = nullptr,
                      std::span<const RenderDataPtr> valid = {}, const std::stop_token& stop = {});

}  // namespace oct
