#include "scene/own_light.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "data/texel.hpp"
#include "math/bounds.hpp"
#include "math/transcendental.hpp"
#include "math/vec.hpp"
#include "scene/placement.hpp"
#include "scene/sides.hpp"

namespace oct {
namespace {

constexpr double kPiDouble = 3.14159265358979323846;

/// Of a grey surface, linear: code value 39 of 255.
constexpr double kDarkRadiance = 0.02;
constexpr double kGrey = 0.5;
constexpr double kLitShare = 0.2;

/// An emitter's surface is cut into so many patches; of all patches the strongest light a scene, and places beyond
/// these tell nothing new.
constexpr std::size_t kPatchesEach = 64;
constexpr std::size_t kMostPatches = 1024;
constexpr std::size_t kMostPlaces = 8192;
constexpr std::size_t kPlacesEach = 8;

/// Texels looked at for one mesh, about.
constexpr std::size_t kTexelBudget = 65536;

double luminance_of(Vec3 rgb) {
  return 0.2126 * static_cast<double>(rgb.x) + 0.7152 * static_cast<double>(rgb.y) +
         0.0722 * static_cast<double>(rgb.z);
}

/// One texel, linear; texture coordinates are wrapped whatever the sampler says.
Vec3 texel_at(const SceneImage& image, float u, float v) {
  const auto place = [](float at, std::uint32_t size) {
    const double wrapped = static_cast<double>(at) - std::floor(static_cast<double>(at));
    return std::min(static_cast<std::uint32_t>(wrapped * size), size - 1);
  };
  const std::size_t texel = std::size_t{place(v, image.height)} * image.width + place(u, image.width);
  const auto channel = [&](std::size_t c) {
    if (!image.rgb_float.empty()) return image.rgb_float[texel * 3 + c];
    if (!image.rgba8.empty())
      return linear_from_srgb(static_cast<float>(image.rgba8[texel * 4 + c]) / 255.0f);
    return linear_from_srgb(static_cast<float>(image.rgba16[texel * 4 + c]) / 65535.0f);
  };
  return {channel(0), channel(1), channel(2)};
}

/// KHR_texture_transform.
Vec2 transformed(Vec2 uv, const SceneTexture& texture) {
  const SinCos turn = sincos(texture.rotation);
  const float x = uv.x * texture.scale[0];
  const float y = uv.y * texture.scale[1];
  return {turn.cos * x + turn.sin * y + texture.offset[0], turn.cos * y - turn.sin * x + texture.offset[1]};
}

/// Mean radiance of a triangle, looked at in side x side places.
class Emission {
 public:
  Emission(const PosedScene& scene, const SceneMesh& mesh, const SceneMaterial& material)
      : mesh_(mesh), factor_(material.emission) {
    const auto& texture = material.emission_texture;
    if (!texture || texture->uv_set >= kUvSets || mesh.uvs[texture->uv_set].empty()) return;
    texture_ = &*texture;
    image_ = &scene.images[texture->image];
    while (side_ < 32 && (side_ + 1) * (side_ + 1) * mesh.triangles.size() <= kTexelBudget) ++side_;
  }

  double of(const Triangle& triangle) const {
    if (image_ == nullptr) return luminance_of(factor_);
    const std::vector<Vec2>& uvs = mesh_.uvs[texture_->uv_set];
    const Vec2 a = uvs[triangle.v[0]];
    const Vec2 ab = uvs[triangle.v[1]] - a;
    const Vec2 ac = uvs[triangle.v[2]] - a;
    double sum = 0;
    for (std::size_t i = 0; i < side_; ++i) {
      for (std::size_t j = 0; j < side_; ++j) {
        float s = (static_cast<float>(i) + 0.5f) / static_cast<float>(side_);
        float t = (static_cast<float>(j) + 0.4f) / static_cast<float>(side_);
        if (s + t > 1) s = 1 - s, t = 1 - t;
        const Vec2 uv = transformed(a + ab * s + ac * t, *texture_);
        sum += luminance_of(factor_ * texel_at(*image_, uv.x, uv.y));
      }
    }
    return sum / static_cast<double>(side_ * side_);
  }

 private:
  const SceneMesh& mesh_;
  Vec3 factor_;
  const SceneTexture* texture_ = nullptr;
  const SceneImage* image_ = nullptr;
  std::size_t side_ = 1;
};

bool emits(const SceneMaterial& material) {
  return !is_black(material.emission) && !material.unlit;
}

/// A triangle of an instance in the world.
struct WorldTriangle {
  Vec3 centre;
  Vec3 area;  ///< m2, along the front's normal
};

bool is_mirrored(const Transform& transform) {
  const float* m = transform.m;
  return dot(Vec3{m[0], m[4], m[8]}, cross(Vec3{m[1], m[5], m[9]}, Vec3{m[2], m[6], m[10]})) < 0.0f;
}

WorldTriangle world_triangle(const PosedScene& scene, const SceneInstance& instance,
                             const Triangle& triangle) {
  const auto corner = [&](int i) {
    return transform_point(instance.world_from_object, scene.meshes[instance.mesh].positions[triangle.v[i]]);
  };
  const Vec3 a = corner(0);
  const Vec3 ab = corner(1) - a;
  const Vec3 ac = corner(2) - a;
  const Vec3 centre = a + (ab + ac) * (1.0f / 3.0f);
  const float side = is_mirrored(instance.world_from_object) ? -0.5f : 0.5f;
  return {centre, cross(ab, ac) * side};
}

/// Part of an emitter. How much it shines to a side is kept for the six directions of the axes.
struct Patch {
  Vec3 centre;
  double radius = 0, flux = 0;
  std::array<double, 6> intensity{};  ///< W/sr toward +x, -x, +y, -y, +z, -z
};

void add_light(Patch& patch, Vec3 area, double radiance, bool to_the_back) {
  const float along[] = {area.x, area.y, area.z};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double light = radiance * static_cast<double>(along[axis]);
    if (light > 0 || to_the_back) patch.intensity[2 * axis] += std::fabs(light);
    if (light < 0 || to_the_back) patch.intensity[2 * axis + 1] += std::fabs(light);
  }
  patch.flux += radiance * static_cast<double>(length(area)) * kPiDouble * (to_the_back ? 2 : 1);
}

bool shines_to_the_back(const SceneMaterial& material) {
  return !material.emits_front_only && !has_front_alone(material);
}

/// Triangles that follow each other in a mesh mostly lie together.
void add_patches(const PosedScene& scene, const SceneInstance& instance, std::vector<Patch>& patches) {
  const SceneMesh& mesh = scene.meshes[instance.mesh];
  const SceneMaterial& material = scene.materials[instance.material];
  const Emission emission(scene, mesh, material);
  const std::size_t each = (mesh.triangles.size() + kPatchesEach - 1) / kPatchesEach;
  for (std::size_t begin = 0; begin < mesh.triangles.size(); begin += each) {
    const std::size_t end = std::min(begin + each, mesh.triangles.size());
    Patch patch;
    Bounds3 bounds{splat(kInfinity), splat(-kInfinity)};
    for (std::size_t t = begin; t < end; ++t) {
      const Triangle& triangle = mesh.triangles[t];
      const WorldTriangle world = world_triangle(scene, instance, triangle);
      add_light(patch, world.area, emission.of(triangle), shines_to_the_back(material));
      for (const std::uint32_t v : triangle.v) {
        const Vec3 corner = transform_point(instance.world_from_object, mesh.positions[v]);
        bounds = {min(bounds.lo, corner), max(bounds.hi, corner)};
      }
    }
    patch.centre = bounds.lo * 0.5f + bounds.hi * 0.5f;
    patch.radius = static_cast<double>(length(bounds.hi * 0.5f - bounds.lo * 0.5f));
    patches.push_back(patch);
  }
}

std::vector<Patch> patches_of(const PosedScene& scene) {
  std::vector<Patch> patches;
  for (const SceneInstance& instance : scene.instances) {
    if (emits(scene.materials[instance.material])) add_patches(scene, instance, patches);
  }
  std::stable_sort(patches.begin(), patches.end(),
                   [](const Patch& a, const Patch& b) { return a.flux > b.flux; });
  if (patches.size() > kMostPatches) patches.resize(kMostPatches);
  return patches;
}

/// A point that is lit, or is not.
struct LitPlace {
  Vec3 point;
  Vec3 normal;  ///< unit; zero where there is none
  bool two_sided;
};

/// A few triangles of every object that is lit, or of those that shine if there are no others.
std::vector<LitPlace> places_in(const PosedScene& scene) {
  std::vector<LitPlace> places;
  for (const bool shining : {false, true}) {
    for (const SceneInstance& instance : scene.instances) {
      const SceneMaterial& material = scene.materials[instance.material];
      if (emits(material) != shining || places.size() >= kMostPlaces) continue;
      const std::vector<Triangle>& triangles = scene.meshes[instance.mesh].triangles;
      const std::size_t count = std::min(triangles.size(), kPlacesEach);
      for (std::size_t i = 0; i < count; ++i) {
        const WorldTriangle world = world_triangle(scene, instance, triangles[i * triangles.size() / count]);
        const float area = length(world.area);
        const Vec3 normal = area > 0.0f && is_finite(area) ? world.area / area : splat(0.0f);
        places.push_back({world.centre, normal, !has_front_alone(material)});
      }
    }
    if (!places.empty()) break;
  }
  return places;
}

/// Irradiance of a place by a patch. Within the patch's reach it comes from everywhere.
double irradiance_of(const LitPlace& place, const Patch& patch) {
  const Vec3 way = place.point - patch.centre;
  const double distance = static_cast<double>(length(way));
  const double reach = std::max(std::max(distance, patch.radius), 1e-9);
  if (!(distance > patch.radius)) return patch.flux / (4 * kPiDouble * reach * reach);
  const Vec3 direction = way / length(way);
  const double facing = static_cast<double>(-dot(direction, place.normal));
  const double cosine = place.two_sided ? std::fabs(facing) : std::max(facing, 0.0);
  const float along[] = {direction.x, direction.y, direction.z};
  double intensity = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double share = static_cast<double>(along[axis]) * static_cast<double>(along[axis]);
    intensity += share * patch.intensity[2 * axis + (along[axis] < 0 ? 1 : 0)];
  }
  return intensity * cosine / (reach * reach);
}

/// Radiance that a grey surface at a place reflects.
double grey_radiance(const LitPlace& place, const std::vector<Patch>& patches) {
  double irradiance = 0;
  for (const Patch& patch : patches) irradiance += irradiance_of(place, patch);
  return irradiance * kGrey / kPiDouble;
}

}  // namespace

double emitted_flux(const PosedScene& scene, const SceneInstance& instance) {
  std::vector<Patch> patches;
  add_patches(scene, instance, patches);
  double flux = 0;
  for (const Patch& patch : patches) flux += patch.flux;
  return flux;
}

bool is_dark_by_its_emitters(const PosedScene& scene) {
  const std::vector<Patch> patches = patches_of(scene);
  const std::vector<LitPlace> places = places_in(scene);
  if (patches.empty() || places.empty()) return true;
  const auto lit =
      static_cast<double>(std::count_if(places.begin(), places.end(), [&](const LitPlace& place) {
        return grey_radiance(place, patches) >= kDarkRadiance;
      }));
  return lit < kLitShare * static_cast<double>(places.size());
}

}  // namespace oct
