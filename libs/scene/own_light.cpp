#include "scene/own_light.hpp"

#include <algorithm>
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

/// Of all emitters the strongest light a scene; and places beyond these tell nothing new.
constexpr std::size_t kMostEmitters = 256;
constexpr std::size_t kMostPlaces = 32768;
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

/// A ball that shines to all sides.
struct Emitter {
  Vec3 centre;
  double radius = 0, flux = 0;
};

std::vector<Emitter> emitters_of(const PosedScene& scene) {
  std::vector<Emitter> emitters;
  for (const SceneInstance& instance : scene.instances) {
    if (!emits(scene.materials[instance.material])) continue;
    const Bounds3 bounds =
        transform_bounds(instance.world_from_object, bounds_of(scene.meshes[instance.mesh]));
    const Vec3 half = bounds.hi * 0.5f - bounds.lo * 0.5f;
    emitters.push_back({bounds.lo * 0.5f + bounds.hi * 0.5f, static_cast<double>(length(half)),
                        emitted_flux(scene, instance)});
  }
  std::stable_sort(emitters.begin(), emitters.end(),
                   [](const Emitter& a, const Emitter& b) { return a.flux > b.flux; });
  if (emitters.size() > kMostEmitters) emitters.resize(kMostEmitters);
  return emitters;
}

/// A few vertices of every object that is lit, or of those that shine if there are no others.
std::vector<Vec3> places_in(const PosedScene& scene) {
  std::vector<Vec3> places;
  for (const bool shining : {false, true}) {
    for (const SceneInstance& instance : scene.instances) {
      if (emits(scene.materials[instance.material]) != shining || places.size() >= kMostPlaces) continue;
      const std::vector<Vec3>& positions = scene.meshes[instance.mesh].positions;
      const std::size_t count = std::min(positions.size(), kPlacesEach);
      for (std::size_t i = 0; i < count; ++i)
        places.push_back(
            transform_point(instance.world_from_object, positions[i * positions.size() / count]));
    }
    if (!places.empty()) break;
  }
  return places;
}

/// Radiance that a grey surface at a place reflects.
double grey_radiance(Vec3 place, const std::vector<Emitter>& emitters) {
  double irradiance = 0;
  for (const Emitter& emitter : emitters) {
    const double distance = static_cast<double>(length(place - emitter.centre));
    const double reach = std::max(std::max(distance, emitter.radius), 1e-9);
    irradiance += emitter.flux / (4 * kPiDouble * reach * reach);
  }
  return irradiance * kGrey / kPiDouble;
}

}  // namespace

double emitted_flux(const PosedScene& scene, const SceneInstance& instance) {
  const SceneMesh& mesh = scene.meshes[instance.mesh];
  const SceneMaterial& material = scene.materials[instance.material];
  const Emission emission(scene, mesh, material);
  double flux = 0;
  for (const Triangle& triangle : mesh.triangles) {
    const auto corner = [&](int i) {
      return transform_point(instance.world_from_object, mesh.positions[triangle.v[i]]);
    };
    const Vec3 normal = cross(corner(1) - corner(0), corner(2) - corner(0));
    flux += emission.of(triangle) * 0.5 * static_cast<double>(length(normal));
  }
  return flux * kPiDouble * (material.emits_front_only || has_front_alone(material) ? 1 : 2);
}

bool is_dark_by_its_emitters(const PosedScene& scene) {
  const std::vector<Emitter> emitters = emitters_of(scene);
  const std::vector<Vec3> places = places_in(scene);
  if (emitters.empty() || places.empty()) return true;
  const auto lit = static_cast<double>(std::count_if(places.begin(), places.end(), [&](Vec3 place) {
    return grey_radiance(place, emitters) >= kDarkRadiance;
  }));
  return lit < kLitShare * static_cast<double>(places.size());
}

}  // namespace oct
