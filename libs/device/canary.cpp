#include "device/canary.hpp"

#include "base/check.hpp"
#include "base/thread_pool.hpp"
#include "device/bvh_builder.hpp"
#include "launch/canary.hpp"

namespace oct {
namespace {

constexpr u32 kSide = 8;
constexpr u32 kNormalUp = 32767u | 65534u << 16;  // +Y (data/packing.hpp)

/// A floor of 2 x 2 triangles with all attributes, a light and a tetrahedron without any.
void add_canary_meshes(RenderData& data) {
  data.positions = {{-3, 0, -3}, {3, 0, -3},  {3, 0, 3},  {-3, 0, 3}, {-1, 3, -1},  {1, 3, -1},
                    {0, 3, 1},   {-1, 0, -1}, {1, 0, -1}, {0, 0, 1},  {0, 1.75f, 0}};
  data.normals = {kNormalUp, kNormalUp, kNormalUp, kNormalUp};
  data.uvs = {{0, 0}, {3, 0}, {3, 3}, {0, 3}};
  data.triangles = {{{0, 2, 1}}, {{0, 3, 2}}, {{0, 1, 2}}, {{0, 1, 2}},
                    {{0, 3, 1}}, {{1, 3, 2}}, {{2, 3, 0}}};
  data.meshes = {{0, 4, 0, 2, 0, kNone, {0, kNone, kNone, kNone}, kNone},
                 {4, 3, 2, 1, kNone, kNone, {kNone, kNone, kNone, kNone}, kNone},
                 {7, 4, 3, 4, kNone, kNone, {kNone, kNone, kNone, kNone}, kNone}};
  const Transform same{{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
  const Transform placed{{0.5f, 0, 0, 0.5f, 0, 0.5f, 0, 0.25f, 0, 0, 0.5f, 1}};
  const Transform back{{2, 0, 0, -1, 0, 2, 0, -0.5f, 0, 0, 2, -2}};
  data.instances = {{same, same, 0, 0, kNone, kInstanceBaked},
                    {same, same, 1, 1, 0, kInstanceBaked},
                    {placed, back, 2, 2, kNone, 0}};
}

Material canary_material(Vec3 color, float roughness) {
  Material material{};
  material.base_color = color;
  material.alpha = 1;
  material.specular_color = {1, 1, 1};
  material.specular = 1;
  material.roughness = roughness;
  material.ior = 1.5f;
  material.normal_scale = 1;
  for (u32* texture : {&material.base_color_texture, &material.metallic_roughness_texture,
                       &material.normal_texture, &material.emission_texture, &material.transmission_texture,
                       &material.specular_texture, &material.specular_color_texture}) {
    *texture = kNone;
  }
  material.layers = kNone;
  return material;
}

MaterialLayers canary_layers() {
  MaterialLayers layers{};
  layers.clearcoat = {0.5f, 0.25f, 1, kNone, kNone, kNone};
  layers.sheen = {{0.5f, 0.25f, 0.75f}, 0.5f, kNone, kNone};
  layers.anisotropy = {0.5f, {0.6f, 0.8f}, kNone};
  layers.iridescence = {0.75f, 1.375f, 400, 400, kNone, kNone};
  layers.diffuse_transmission = {0.25f, {1, 0.5f, 0.5f}, kNone, kNone};
  return layers;
}

/// Of glass: what lies on its surface is absent.
MaterialLayers canary_volume() {
  MaterialLayers layers = canary_layers();
  layers.clearcoat.factor = 0;
  layers.sheen.color = {0, 0, 0};
  layers.anisotropy.strength = layers.iridescence.factor = layers.diffuse_transmission.factor = 0;
  layers.volume = {{0.5f, 0.25f, 0.125f}, 0.5f};
  return layers;
}

void add_canary_materials(RenderData& data) {
  Material floor = canary_material({0.75f, 0.75f, 0.75f}, 0.375f);
  floor.metallic = 0.25f;
  floor.base_color_texture = 0;
  floor.layers = 0;
  Material light = canary_material({0, 0, 0}, 1);
  light.emission = {6, 5, 4};
  Material glass = canary_material({0.9375f, 1, 0.9375f}, 0.125f);
  glass.transmission = 1;
  glass.layers = 1;
  data.materials = {floor, light, glass};
  data.material_layers = {canary_layers(), canary_volume()};
  data.texture_slots = {
      {0, 0, Wrap::repeat, Wrap::mirrored_repeat, 0, {0.875f, 0.25f, 0.125f, -0.25f, 0.875f, 0}}};
  data.texture_images = {{2, 2, TexelFormat::rgba8_srgb, 0, 0}};
  data.texels = {0xff2040e0u, 0xffc0b0a0u, 0xff30d050u, 0xfff8f0e8u};
}

void add_canary_lights(RenderData& data) {
  Light area{};
  area.kind = LightKind::area;
  area.instance = 1;
  area.select_probability = 0.375f;
  area.area = 2;
  area.intensity = {6, 5, 4};
  Light sky{};
  sky.kind = LightKind::environment;
  sky.instance = sky.primitive = kNone;
  sky.select_probability = 0.625f;
  sky.direction = {0, 0, -1};
  data.lights = {area, sky};
  data.light_alias = {{0xc0000000u, 1}, {0xffffffffu, 1}};
  data.environments = {{{0.25f, 0.375f, 0.5f}, kNone, 1, 0, 1, 0, 0, 1}};
}

FilmContribution canary_film_on(const CpuKernels& kernels) {
  const RenderDataPtr scene = canary_scene();
  ThreadPool alone(1);
  ProgressCounter progress{0};
  const auto tree = HostBvh::build(*scene, alone, {}, progress);
  OCT_CHECK(tree.has_value());
  FilmContribution film;
  film.units = canary_lease().units.front();
  film.sums.resize(std::size_t{kSide} * kSide * kFilmChannels);
  kernels.render_batch(view_of(*scene), tree->view(), {0, kSide * kSide, 0},
                       {film.sums.data(), &film.non_finite_samples});
  return film;
}

}  // namespace

const Digest& expected_canary() {
  static const Digest digest =
      *digest_from_hex("0ed803fa2efc97f971dfd0b7fc3f32c0f0801f6fd5a5f19bcd45eb674516936d");
  return digest;
}

std::vector<u32> canary_inputs() {
  std::vector<u32> inputs = {
      0x00000000u, 0x80000000u, 0x00000001u, 0x80000001u, 0x007fffffu, 0x807fffffu, 0x00800000u, 0x80800000u,
      0x00800001u, 0x00400000u, 0x00001234u, 0x7f800000u, 0xff800000u, 0x7fc00000u, 0x7f7fffffu, 0xff7fffffu,
      0x3f800000u, 0xbf800000u, 0x3f7fffffu, 0x3f800001u, 0x40490fdbu, 0x3fc90fdbu, 0x4f000000u, 0xcf000000u,
      0xcf000001u, 0x4effffffu, 0x4f800000u, 0x4f7fffffu, 0x4b000001u, 0x4affffffu, 0x3effffffu, 0xbf000000u,
      0x42b17218u, 0xc2aeac50u, 0x1f800000u, 0x20000000u, 0x5f800000u, 0x33800000u, 0x34000000u, 0x47c35000u};
  // the rest: any bits (Steele et al., Fast Splittable Pseudorandom Number Generators, OOPSLA 2014)
  for (u64 i = 1; inputs.size() < kCanaryInputs; ++i) {
    u64 x = i * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    const u32 bits = static_cast<u32>(x >> 32);
    // every second one near 1, where functions have most to say
    inputs.push_back(i % 2 == 0 ? bits : (bits & 0x81ffffffu) + 0x3e000000u);
  }
  return inputs;
}

RenderDataPtr canary_scene() {
  auto data = std::make_shared<RenderData>();
  add_canary_meshes(*data);
  add_canary_materials(*data);
  add_canary_lights(*data);
  data->cameras = {
      {{{1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 4}}, 0.5f, 0.5f, 0, 0, 0.0625f, 3.5f, Projection::perspective}};
  data->settings = {{kSide, kSide, 1, 7, 8, -24, 65536, 65536, 0, {}, 0}};
  return data;
}

Lease canary_lease() {
  return {1, {{0, 0, 1}}};
}

Digest canary_digest(std::span<const u32> maths, const FilmContribution& film) {
  Sha256 hash;
  hash.add(std::string_view("octane canary 1"));
  hash.add(std::as_bytes(maths));
  hash.add(std::as_bytes(std::span(film.sums)));
  hash.add(bytes_of_value(film.non_finite_samples));
  return hash.finish();
}

Digest cpu_canary(const CpuKernels& kernels) {
  const std::vector<u32> inputs = canary_inputs();
  std::vector<u32> maths(std::size_t{kCanaryInputs} * kCanaryFunctions);
  kernels.canary_maths(inputs.data(), maths.data());
  return canary_digest(maths, canary_film_on(kernels));
}

}  // namespace oct
