#include "compile/meshes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <span>
#include <utility>

#include "compile/fastest_loops.hpp"
#include "compile/transforms.hpp"
#include "data/packing.hpp"

namespace oct {
namespace {

Unexpected bad_mesh(const SceneMesh& mesh, std::string_view what) {
  return fail(ErrorKind::invalid_input, fmt::format("mesh \"{}\": {}", mesh.name, what));
}

bool in_range(Vec3 p) {  // false for NaN
  const Vec3 a = abs(p);
  return a.x <= kLargestCoordinate && a.y <= kLargestCoordinate && a.z <= kLargestCoordinate;
}

Result<void> check_lengths(const SceneMesh& mesh) {
  const std::size_t vertices = mesh.positions.size();
  const auto fits = [&](std::size_t size) { return size == 0 || size == vertices; };
  if (fits(mesh.normals.size()) && fits(mesh.tangents.size()) && fits(mesh.colors.size()) &&
      std::all_of(mesh.uvs.begin(), mesh.uvs.end(), [&](const auto& set) { return fits(set.size()); })) {
    return {};
  }
  return bad_mesh(mesh, fmt::format("an attribute has another length than its {} positions", vertices));
}

/// Some of the vertices and triangles of a mesh use.
struct Piece {
  std::size_t use;
  std::size_t begin, end;
};

/// So many that threads share large meshes, too.
constexpr std::size_t kPiece = 16384;

std::vector<Piece> pieces_of(const std::vector<MeshUse>& uses) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const std::size_t count = std::max(uses[i].mesh->positions.size(), uses[i].mesh->triangles.size());
    for (std::size_t begin = 0; begin < count; begin += kPiece) pieces.push_back({i, begin, begin + kPiece});
  }
  return pieces;
}

Result<void> check_positions(const SceneMesh& mesh, const Piece& piece) {
  const std::size_t end = std::min(piece.end, mesh.positions.size());
  for (std::size_t i = piece.begin; i < end; ++i) {
    if (!in_range(mesh.positions[i]))
      return bad_mesh(mesh, fmt::format("position {} is not within 1e18 m", i));
  }
  return {};
}

Result<void> check_corners(const SceneMesh& mesh, const Piece& piece) {
  const std::size_t vertices = mesh.positions.size();
  const std::size_t end = std::min(piece.end, mesh.triangles.size());
  for (std::size_t i = piece.begin; i < end; ++i) {
    for (const u32 corner : mesh.triangles[i].v) {
      if (corner >= vertices)
        return bad_mesh(mesh, fmt::format("triangle {} uses vertex {} of {}", i, corner, vertices));
    }
  }
  return {};
}

/// The first fault of the first mesh that has one: lengths, then positions, then corners.
Result<void> check_meshes(const std::vector<MeshUse>& uses, ThreadPool& pool) {
  const std::vector<Piece> pieces = pieces_of(uses);
  std::vector<Result<void>> positions(pieces.size()), corners(pieces.size());
  pool.for_each(pieces.size(), [&](std::size_t i) {
    positions[i] = check_positions(*uses[pieces[i].use].mesh, pieces[i]);
    corners[i] = check_corners(*uses[pieces[i].use].mesh, pieces[i]);
  });
  std::size_t first = 0;
  for (std::size_t use = 0; use < uses.size(); ++use) {
    OCT_TRY(check_lengths(*uses[use].mesh));
    std::size_t last = first;
    while (last < pieces.size() && pieces[last].use == use) ++last;
    for (std::size_t i = first; i < last; ++i) OCT_TRY(std::move(positions[i]));
    for (std::size_t i = first; i < last; ++i) OCT_TRY(std::move(corners[i]));
    first = last;
  }
  return {};
}

bool same_place(Vec3 a, Vec3 b) {
  return a.x == b.x && a.y == b.y && a.z == b.z;
}

bool has_extent(const SceneMesh& mesh, const Triangle& triangle) {
  const Vec3 a = mesh.positions[triangle.v[0]];
  const Vec3 b = mesh.positions[triangle.v[1]];
  const Vec3 c = mesh.positions[triangle.v[2]];
  return !same_place(a, b) && !same_place(b, c) && !same_place(c, a);
}

/// Triangles of each use that a ray can hit.
std::vector<std::size_t> count_with_extent(const std::vector<MeshUse>& uses, ThreadPool& pool) {
  const std::vector<Piece> pieces = pieces_of(uses);
  std::vector<std::size_t> counts(pieces.size());
  pool.for_each(pieces.size(), [&](std::size_t i) {
    const SceneMesh& mesh = *uses[pieces[i].use].mesh;
    const std::size_t end = std::min(pieces[i].end, mesh.triangles.size());
    for (std::size_t t = pieces[i].begin; t < end; ++t) counts[i] += has_extent(mesh, mesh.triangles[t]);
  });
  std::vector<std::size_t> of_use(uses.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) of_use[pieces[i].use] += counts[i];
  return of_use;
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

/// The normals that a file left without a direction: the sum of those of the faces around each of these vertices.
void pack_missing_normals(const SceneMesh& mesh, std::span<const Triangle> triangles,
                          const std::vector<std::uint8_t>& missing, std::span<u32> packed) {
  std::map<u32, Vec3> sums;
  for (const Triangle& triangle : triangles) {
    if (missing[triangle.v[0]] + missing[triangle.v[1]] + missing[triangle.v[2]] == 0) continue;
    const Vec3 a = mesh.positions[triangle.v[0]];
    const Vec3 edge_b = unit_vector(mesh.positions[triangle.v[1]] - a);
    const Vec3 edge_c = unit_vector(mesh.positions[triangle.v[2]] - a);
    for (const u32 corner : triangle.v) {
      if (missing[corner]) sums[corner] += unit_vector(cross(edge_b, edge_c));
    }
  }
  for (const auto& [vertex, sum] : sums) packed[vertex] = pack_normal(sum);
}

bool is_direction(Vec3 unit) {
  return length_squared(unit) > 0.5f;
}

Vec2 clean_uv(Vec2 uv) {
  return {finite_or(uv.x, 0), finite_or(uv.y, 0)};
}

Vec4 clean_color(Vec4 color) {
  return {saturate(color.x), saturate(color.y), saturate(color.z), saturate(color.w)};
}

/// A mesh that is going to be written, and where.
struct NewMesh {
  const MeshUse* use;
  Mesh mesh;
};

/// Sizes of the vertex arrays as they grow mesh by mesh.
struct ArraySizes {
  u64 positions = 0, normals = 0, tangents = 0, uvs = 0, colors = 0, triangles = 0;
};

/// Takes the next places of an array for `count` values; returns where, or kNone for none.
u32 take(u64& size, std::size_t count, bool needed = true) {
  if (!needed || count == 0) return kNone;
  const u64 first = size;
  size += count;
  return static_cast<u32>(first);
}

/// exhausted when 32-bit indices no longer suffice.
Result<Mesh> place_mesh(const MeshUse& use, std::size_t triangle_count, ArraySizes& sizes) {
  const SceneMesh& source = *use.mesh;
  Mesh mesh{};
  mesh.first_vertex = take(sizes.positions, source.positions.size());
  mesh.vertex_count = static_cast<u32>(source.positions.size());
  mesh.first_triangle = take(sizes.triangles, triangle_count);
  mesh.triangle_count = static_cast<u32>(triangle_count);
  mesh.first_normal = take(sizes.normals, source.normals.size());
  mesh.first_tangent = take(sizes.tangents, source.tangents.size(), use.needs.tangents);
  for (u32 set = 0; set < kUvSets; ++set)
    mesh.first_uv[set] = take(sizes.uvs, source.uvs[set].size(), use.needs.uv[set]);
  mesh.first_color = take(sizes.colors, source.colors.size());
  if (sizes.positions < kNone && sizes.uvs < kNone && sizes.triangles < kNone) return mesh;
  return fail(ErrorKind::exhausted,
              "the scene has more vertices or triangles than 32-bit indices count (4294967294)");
}

/// Each array is allocated once and no larger than needed; several at a time, since what costs is that the
/// system clears their pages.
void resize_arrays(const ArraySizes& sizes, ThreadPool& pool, RenderData& data) {
  const std::function<void()> resizes[] = {
      [&] { data.positions.edit().resize(sizes.positions); },
      [&] { data.normals.edit().resize(sizes.normals); },
      [&] { data.tangents.edit().resize(sizes.tangents); },
      [&] { data.uvs.edit().resize(sizes.uvs); },
      [&] { data.colors.edit().resize(sizes.colors); },
      [&] { data.triangles.edit().resize(sizes.triangles); },
  };
  pool.for_each(std::size(resizes), [&](std::size_t i) { resizes[i](); });
}

/// Writes new meshes into the arrays of render data, in pieces that threads share: scenes have many small
/// meshes, or a few large ones.
class MeshWriter {
 public:
  MeshWriter(std::span<const NewMesh> meshes, RenderData& data)
      : meshes_(meshes),
        positions_(data.positions.edit()),
        normals_(data.normals.edit()),
        tangents_(data.tangents.edit()),
        uvs_(data.uvs.edit()),
        colors_(data.colors.edit()),
        triangles_(data.triangles.edit()),
        lacks_normals_(meshes.size()) {}

  void write(ThreadPool& pool) {
    std::vector<MeshUse> uses;
    for (const NewMesh& mesh : meshes_) uses.push_back(*mesh.use);
    const std::vector<Piece> pieces = pieces_of(uses);
    pool.for_each(pieces.size(), [&](std::size_t i) { write_piece(pieces[i]); });
    pool.for_each(meshes_.size(), [&](std::size_t i) {
      if (lacks_normals_[i]) mend_normals(meshes_[i]);
    });
  }

 private:
  template <class T, class Source, class Function>
  static void fill(std::vector<T>& array, u32 first, const std::vector<Source>& values, const Piece& piece,
                   Function&& clean) {
    if (first == kNone) return;
    const std::size_t end = std::min(piece.end, values.size());
    for (std::size_t i = piece.begin; i < end; ++i) array[first + i] = clean(values[i]);
  }

  void write_piece(const Piece& piece) {
    const NewMesh& target = meshes_[piece.use];
    const SceneMesh& source = *target.use->mesh;
    const Mesh& mesh = target.mesh;
    const auto same = [](const auto& value) { return value; };
    fill(positions_, mesh.first_vertex, source.positions, piece, same);
    write_triangles(target, piece);
    write_normals(target, piece);
    fill(tangents_, mesh.first_tangent, source.tangents, piece, clean_tangent);
    for (u32 set = 0; set < kUvSets; ++set) fill(uvs_, mesh.first_uv[set], source.uvs[set], piece, clean_uv);
    fill(colors_, mesh.first_color, source.colors, piece, clean_color);
  }

  void write_normals(const NewMesh& target, const Piece& piece) {
    const std::vector<Vec3>& normals = target.use->mesh->normals;
    const std::size_t end = std::min(piece.end, normals.size());
    if (piece.begin >= end) return;
    std::vector<Vec3> units(end - piece.begin);
    bool complete = true;
    for (std::size_t i = 0; i < units.size(); ++i) {
      units[i] = unit_vector(normals[piece.begin + i]);
      complete = complete && is_direction(units[i]);
    }
    loops_.pack_normals(units.data(), normals_.data() + target.mesh.first_normal + piece.begin, units.size());
    if (!complete) lacks_normals_[piece.use].store(true, std::memory_order_relaxed);
  }

  /// What is left out shifts all that follows: then one thread writes them all.
  void write_triangles(const NewMesh& target, const Piece& piece) {
    const SceneMesh& source = *target.use->mesh;
    const auto first = triangles_.begin() + target.mesh.first_triangle;
    if (source.triangles.size() == target.mesh.triangle_count) {
      const std::size_t begin = std::min(piece.begin, source.triangles.size());
      const std::size_t end = std::min(piece.end, source.triangles.size());
      std::copy(source.triangles.begin() + static_cast<std::ptrdiff_t>(begin),
                source.triangles.begin() + static_cast<std::ptrdiff_t>(end),
                first + static_cast<std::ptrdiff_t>(begin));
    } else if (piece.begin == 0) {
      std::copy_if(source.triangles.begin(), source.triangles.end(), first,
                   [&](const Triangle& triangle) { return has_extent(source, triangle); });
    }
  }

  void mend_normals(const NewMesh& target) {
    const SceneMesh& source = *target.use->mesh;
    const Mesh& mesh = target.mesh;
    std::vector<std::uint8_t> missing(source.normals.size());
    for (std::size_t i = 0; i < missing.size(); ++i)
      missing[i] = !is_direction(unit_vector(source.normals[i]));
    pack_missing_normals(source, std::span(triangles_).subspan(mesh.first_triangle, mesh.triangle_count),
                         missing, std::span(normals_).subspan(mesh.first_normal, missing.size()));
  }

  std::span<const NewMesh> meshes_;
  std::vector<Vec3>& positions_;
  std::vector<u32>& normals_;
  std::vector<Vec4>& tangents_;
  std::vector<Vec2>& uvs_;
  std::vector<Vec4>& colors_;
  std::vector<Triangle>& triangles_;
  const HostLoops loops_ = fastest_loops();
  std::vector<std::atomic<bool>> lacks_normals_;  ///< of each mesh
};

/// A few numbers by which most meshes that differ are told apart: sizes, and bits of some positions.
using MeshSketch = std::array<u64, 3>;
MeshSketch sketch_of(const SceneMesh& mesh) {
  constexpr std::size_t kPlaces = 8;
  MeshSketch sketch{mesh.positions.size(), mesh.triangles.size(), 0};
  for (std::size_t i = 0; i < std::min(kPlaces, mesh.positions.size()); ++i) {
    const Vec3 p = mesh.positions[i * mesh.positions.size() / kPlaces % mesh.positions.size()];
    for (const float value : {p.x, p.y, p.z}) sketch[2] = sketch[2] * 0x9e3779b97f4a7c15 + bits_of(value);
  }
  return sketch;
}

/// For each use the first one of equal content. Only meshes of equal sketches can be equal, so that few are hashed.
std::vector<std::size_t> first_equal_uses(const std::vector<MeshUse>& uses, ThreadPool& pool) {
  std::map<MeshSketch, std::size_t> count_of;
  std::vector<MeshSketch> sketches(uses.size());
  for (std::size_t i = 0; i < uses.size(); ++i) {
    sketches[i] = sketch_of(*uses[i].mesh);
    ++count_of[sketches[i]];
  }
  std::vector<Digest> contents(uses.size());
  pool.for_each(uses.size(), [&](std::size_t i) {
    if (count_of.at(sketches[i]) > 1) contents[i] = content_of(uses[i]);
  });

  std::map<Digest, std::size_t> first_use;  // of a content
  std::vector<std::size_t> first(uses.size());
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const bool alone = count_of.at(sketches[i]) == 1;
    first[i] = alone ? i : first_use.try_emplace(contents[i], i).first->second;
  }
  return first;
}

}  // namespace

Result<std::vector<u32>> add_meshes(const std::vector<MeshUse>& uses, ThreadPool& pool, RenderData& data) {
  OCT_TRY(check_meshes(uses, pool));
  const std::vector<std::size_t> first = first_equal_uses(uses, pool);
  const std::vector<std::size_t> triangle_counts = count_with_extent(uses, pool);

  std::vector<u32> indices(uses.size(), kNone);
  std::vector<NewMesh> meshes;
  ArraySizes sizes;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (first[i] < i) {
      indices[i] = indices[first[i]];
    } else if (triangle_counts[i] > 0) {
      OCT_TRY_ASSIGN(const Mesh mesh, place_mesh(uses[i], triangle_counts[i], sizes));
      indices[i] = static_cast<u32>(meshes.size());
      meshes.push_back({&uses[i], mesh});
    }
  }
  resize_arrays(sizes, pool, data);
  MeshWriter(meshes, data).write(pool);
  std::vector<Mesh>& added = data.meshes.edit();
  for (const NewMesh& mesh : meshes) added.push_back(mesh.mesh);
  return indices;
}

}  // namespace oct
