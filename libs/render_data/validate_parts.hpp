#pragma once
#include <fmt/format.h>

#include "math/vec.hpp"
#include "render_data/limits.hpp"
#include "render_data/loops.hpp"
#include "render_data/validate.hpp"

// The parts of validate(), in the order in which they may rely on each other, and their vocabulary.

namespace oct::validation {

Result<void> check_textures(const RenderData& data, ThreadPool* pool);
Result<void> check_materials(const RenderData& data, ThreadPool* pool);
Result<void> check_meshes(const RenderData& data, ThreadPool* pool);
Result<void> check_instances(const RenderData& data, ThreadPool* pool);
Result<void> check_lights(const RenderData& data, ThreadPool* pool);
Result<void> check_environment(const RenderData& data, ThreadPool* pool);
Result<void> check_camera(const RenderData& data);
Result<void> check_render_settings(const RenderData& data);

template <class... Args>
Unexpected bad(fmt::format_string<Args...> format, Args&&... args) {
  return fail(ErrorKind::protocol, "render data: " + fmt::format(format, std::forward<Args>(args)...));
}

/// Calls check(element) -> nullptr or what is wrong with it, for all elements; an error names the first one.
template <class T, class Check>
Result<void> check_each(ThreadPool* pool, const char* what, const HostArray<T>& array, Check&& check) {
  const std::size_t index =
      first_bad(pool, array.size(), [&](std::size_t i) { return check(array[i]) == nullptr; });
  if (index == array.size()) return {};
  return bad("{} {}: {}", what, index, check(array[index]));
}

// All are false for NaN.
inline bool within(float x, float lo, float hi) {
  return x >= lo && x <= hi;
}
inline bool within(Vec3 v, float lo, float hi) {
  return within(v.x, lo, hi) && within(v.y, lo, hi) && within(v.z, lo, hi);
}
inline bool is_unit(Vec3 v) {
  return within(v, -2.0f, 2.0f) && within(dot(v, v), 0.998f, 1.002f);
}

/// kNone, or an index of something that exists.
inline bool exists_or_none(u32 index, std::size_t count) {
  return index == kNone || index < count;
}

}  // namespace oct::validation
