#include "compile/meshes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compile/transforms.hpp"
#include "data/packing.hpp"

namespace oct {
namespace {

constexpr std::size_t kGrain = 8192;

Unexpected bad_mesh(const SceneMesh& mesh, std::string_view what) {
  return fail(ErrorKind::invalid_input, fmt::format("mesh \"{}\": {}", mesh.name, what));
}

bool in_range(Vec3 p) {  // false for NaN
  const Vec3 a = abs(p);
  return a.x <= kLargestCoordinate && a.y <= kLargestCoordinate && a.z <= kLargestCoordinate;
}

Result<void> check_mesh(const SceneMesh& mesh) {
  const std::size_t vertices = mesh.positions.size();
  const auto fits = [&](std::size_t size) { return size == 0 || size == vertices; };
  if (!fits(mesh.normals.size()) || !fits(mesh.tangents.size()) || !fits(mesh.colors.size()) ||
      !std::all_of(mesh.uvs.begin(), mesh.uvs.end(), [&](const auto& set) { return fits(set.size()); })) {
    return bad_mesh(mesh, fmt::format("an attribute has another length than its {} positions", vertices));
  }
  for (std::size_t i = 0; i < vertices; ++i) {
    if (!in_range(mesh.positions[i]))
      return bad_mesh(mesh, fmt::format("position {} is not within 1e18 m", i));
  }
  for (std::size_t i = 0; i < mesh.triangles.size(); ++i) {
    for (const u32 corner : mesh.triangles[i].v) {
      if (corner >= vertices) {
        return bad_mesh(mesh, fmt::format("triangle {} uses vertex {} of {}", i, corner, vertices));
      }
    }
  }
  return {};
}

bool same_place(Vec3 a, Vec3 b) {
  return a.x == b.x && a.y == b.y && a.z == b.z;
}

std::vector<Triangle> triangles_with_extent(const SceneMesh& mesh) {
  std::vector<Triangle> kept;
  kept.reserve(mesh.triangles.size());
  for (const Triangle& triangle : mesh.triangles) {
    const Vec3 a = mesh.positions[triangle.v[0]];
    const Vec3 b = mesh.positions[triangle.v[1]];
    const Vec3 c = mesh.positions[triangle.v[2]];
    if (!same_place(a, b) && !same_place(b, c) && !same_place(c, a)) kept.push_back(triangle);
  }
  return kept;
}

template <class T>
void add_array(Sha256& hash, const std::vector<T>& values, bool needed = true) {
  const u64 count = needed ? values.size() : 0;
  hash.add(bytes_of_value(count));
  if (needed) hash.add(std::as_bytes(std::span(values)));
}

Digest content_of(const MeshUse& use) {
  const SceneMesh& mesh = *use.mesh;
  Sha256 hash;
  add_array(hash, mesh.positions);
  add_array(hash, mesh.normals);
  add_array(hash, mesh.tangents, use.needs.tangents);
  for (u32 set = 0; set < kUvSets; ++set) add_array(hash, mesh.uvs[set], use.needs.uv[set]);
  add_array(hash, mesh.colors);
  add_array(hash, mesh.triangles);
  return hash.finish();
}

float finite_or(float value, float otherwise) {
  return is_finite(value) ? clamp(value, -kLargestTextureCoordinate, kLargestTextureCoordinate) : otherwise;
}

Vec4 clean_tangent(Vec4 tangent) {
  const Vec3 direction = unit_vector({tangent.x, tangent.y, tangent.z});
  const float side = tangent.w < 0 ? -1.0f : 1.0f;
  if (!(length_squared(direction) > 0.5f)) return {1, 0, 0, side};
  return {direction.x, direction.y, direction.z, side};
}

/// Packed normals; where a file has none that is usable, the sum of the normals of the faces around the
/// vertex.
std::vector<u32> pack_normals(const SceneMesh& mesh, const std::vector<Triangle>& triangles,
                              ThreadPool& pool) {
  if (mesh.normals.empty()) return {};
  std::vector<u32> packed(mesh.normals.size());
  std::vector<std::uint8_t> missing(mesh.normals.size());
  pool.for_ranges(packed.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Vec3 n = unit_vector(mesh.normals[i]);
      missing[i] = !(length_squared(n) > 0.5f);
      packed[i] = pack_normal(n);
    }
  });
  std::map<u32, Vec3> sums;
  for (const Triangle& triangle : triangles) {
    const Vec3 a = mesh.positions[triangle.v[0]];
    const Vec3 edge_b = unit_vector(mesh.positions[triangle.v[1]] - a);
    const Vec3 edge_c = unit_vector(mesh.positions[triangle.v[2]] - a);
    for (const u32 corner : triangle.v) {
      if (missing[corner]) sums[corner] += unit_vector(cross(edge_b, edge_c));
    }
  }
  for (const auto& [vertex, sum] : sums) packed[vertex] = pack_normal(sum);
  return packed;
}

/// Makes room for the values at the end of `array`; returns where, or kNone for none.
template <class T, class Source>
u32 append_space(std::vector<T>& array, const std::vector<Source>& values, bool needed = true) {
  if (!needed || values.empty()) return kNone;
  const std::size_t first = array.size();
  array.resize(first + values.size());
  return static_cast<u32>(first);
}

template <class T, class Source, class Function>
void fill(std::vector<T>& array, u32 first, const std::vector<Source>& values, ThreadPool& pool,
          Function&& clean) {
  if (first == kNone) return;
  pool.for_ranges(values.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) array[first + i] = clean(values[i]);
  });
}

/// How much the vertex arrays are going to hold, so that they are allocated once and no larger than that.
struct VertexCounts {
  u64 positions = 0, normals = 0, tangents = 0, uvs = 0, colors = 0, triangles = 0;
};

/// exhausted when 32-bit indices no longer suffice.
Result<void> count_mesh(const SceneMesh& mesh, const AttributeNeeds& needs, VertexCounts& counts) {
  counts.positions += mesh.positions.size();
  counts.normals += mesh.normals.size();
  counts.tangents += needs.tangents ? mesh.tangents.size() : 0;
  for (u32 set = 0; set < kUvSets; ++set) counts.uvs += needs.uv[set] ? mesh.uvs[set].size() : 0;
  counts.colors += mesh.colors.size();
  counts.triangles += mesh.triangles.size();
  if (counts.positions < kNone && counts.uvs < kNone && counts.triangles < kNone) return {};
  return fail(ErrorKind::exhausted,
              "the scene has more vertices or triangles than 32-bit indices count (4294967294)");
}

void reserve(const VertexCounts& counts, RenderData& data) {
  data.positions.edit().reserve(counts.positions);
  data.normals.edit().reserve(counts.normals);
  data.tangents.edit().reserve(counts.tangents);
  data.uvs.edit().reserve(counts.uvs);
  data.colors.edit().reserve(counts.colors);
  data.triangles.edit().reserve(counts.triangles);
}

void append_mesh(const MeshUse& use, const std::vector<Triangle>& triangles, ThreadPool& pool,
                 RenderData& data) {
  const SceneMesh& source = *use.mesh;
  Mesh mesh{};
  mesh.first_vertex = append_space(data.positions.edit(), source.positions);
  mesh.vertex_count = static_cast<u32>(source.positions.size());
  mesh.first_triangle = append_space(data.triangles.edit(), triangles);
  mesh.triangle_count = static_cast<u32>(triangles.size());
  mesh.first_normal = append_space(data.normals.edit(), source.normals);
  mesh.first_tangent = append_space(data.tangents.edit(), source.tangents, use.needs.tangents);
  for (u32 set = 0; set < kUvSets; ++set)
    mesh.first_uv[set] = append_space(data.uvs.edit(), source.uvs[set], use.needs.uv[set]);
  mesh.first_color = append_space(data.colors.edit(), source.colors);

  const auto same = [](const auto& value) { return value; };
  fill(data.positions.edit(), mesh.first_vertex, source.positions, pool, same);
  fill(data.triangles.edit(), mesh.first_triangle, triangles, pool, same);
  fill(data.normals.edit(), mesh.first_normal, pack_normals(source, triangles, pool), pool, same);
  fill(data.tangents.edit(), mesh.first_tangent, source.tangents, pool, clean_tangent);
  for (u32 set = 0; set < kUvSets; ++set) {
    fill(data.uvs.edit(), mesh.first_uv[set], source.uvs[set], pool, [](Vec2 uv) {
      return Vec2{finite_or(uv.x, 0), finite_or(uv.y, 0)};
    });
  }
  fill(data.colors.edit(), mesh.first_color, source.colors, pool, [](Vec4 color) {
    return Vec4{saturate(color.x), saturate(color.y), saturate(color.z), saturate(color.w)};
  });
  data.meshes.edit().push_back(mesh);
}

}  // namespace

Result<std::vector<u32>> add_meshes(const std::vector<MeshUse>& uses, ThreadPool& pool, RenderData& data) {
  std::vector<Result<void>> checks(uses.size());
  std::vector<Digest> contents(uses.size());
  VertexCounts counts;
  pool.for_each(uses.size(), [&](std::size_t i) {
    checks[i] = check_mesh(*uses[i].mesh);
    if (checks[i]) contents[i] = content_of(uses[i]);
  });

  std::map<Digest, std::size_t> first_use;  // of a content
  for (std::size_t i = 0; i < uses.size(); ++i) {
    OCT_TRY(std::move(checks[i]));
    if (first_use.try_emplace(contents[i], i).second)
      OCT_TRY(count_mesh(*uses[i].mesh, uses[i].needs, counts));
  }
  reserve(counts, data);

  std::vector<u32> indices(uses.size(), kNone);
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const std::size_t first = first_use[contents[i]];
    if (first < i) {
      indices[i] = indices[first];
      continue;
    }
    const std::vector<Triangle> triangles = triangles_with_extent(*uses[i].mesh);
    if (triangles.empty()) continue;
    indices[i] = static_cast<u32>(data.meshes.size());
    append_mesh(uses[i], triangles, pool, data);
  }
  return indices;
}

}  // namespace oct
