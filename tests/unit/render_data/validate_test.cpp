#include "render_data/validate.hpp"

#include <functional>
#include <limits>

#include "data/unit.hpp"
#include "render_data/limits.hpp"
#include "support/a_scene.hpp"
#include "support/compiled.hpp"

using namespace oct;
using namespace oct::test;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

const RenderData& valid_data() {
  static const RenderData data = [] {
    Scene scene = a_scene();
    scene.meshes[1].colors.assign(4, {1, 0.5f, 0, 1});
    scene.meshes[1].tangents.assign(4, {1, 0, 0, 1});
    scene.materials[0].clearcoat.factor = 0.5f;
    return compiled(scene, small_film());
  }();
  return data;
}

struct Fault {
  const char* name;
  std::function<void(RenderData&)> make;
};

void check_refused(const std::vector<Fault>& faults) {
  ThreadPool pool(2);
  for (const Fault& fault : faults) {
    CAPTURE(fault.name);
    RenderData data = valid_data();
    fault.make(data);
    const auto alone = validate(data);
    const auto together = validate(data, &pool);
    REQUIRE_FALSE(alone);
    CHECK(alone.error().kind == ErrorKind::protocol);
    REQUIRE_FALSE(together);
    CHECK(together.error().message == alone.error().message);
  }
}

}  // namespace

TEST_CASE("what compile makes is valid", "[render_data]") {
  CHECK(validate(valid_data()));
  ThreadPool pool(3);
  CHECK(validate(valid_data(), &pool));
}

TEST_CASE("nothing at all is not valid", "[render_data]") {
  CHECK_FALSE(validate(RenderData{}));
}

TEST_CASE("meshes that do not fill their arrays are refused", "[render_data]") {
  check_refused({
      {"one vertex too many",
       [](RenderData& d) {
         d.positions.edit().push_back({0, 0, 0});
       }},
      {"one vertex too few", [](RenderData& d) { d.positions.edit().pop_back(); }},
      {"one triangle too many",
       [](RenderData& d) {
         d.triangles.edit().push_back({{0, 1, 2}});
       }},
      {"one normal too many", [](RenderData& d) { d.normals.edit().push_back(0); }},
      {"one colour too few", [](RenderData& d) { d.colors.edit().pop_back(); }},
      {"one tangent too few", [](RenderData& d) { d.tangents.edit().pop_back(); }},
      {"one coordinate too few", [](RenderData& d) { d.uvs.edit().pop_back(); }},
      {"meshes overlap", [](RenderData& d) { d.meshes.edit()[1].first_triangle = 0; }},
      {"a mesh beyond the end", [](RenderData& d) { d.meshes.edit()[1].vertex_count = 0x7fffffff; }},
      {"a mesh that wraps around", [](RenderData& d) { d.meshes.edit()[1].triangle_count = 0xffffffff; }},
      {"an empty mesh",
       [](RenderData& d) {
         d.meshes.edit().push_back({0, 0, 0, 0, kNone, kNone, {kNone, kNone, kNone, kNone}, kNone});
       }},
      {"normals elsewhere", [](RenderData& d) { d.meshes.edit()[1].first_normal += 1; }},
      {"normals given up", [](RenderData& d) { d.meshes.edit()[1].first_normal = kNone; }},
      {"coordinates elsewhere", [](RenderData& d) { d.meshes.edit()[0].first_uv[0] = 5; }},
      {"further coordinates elsewhere", [](RenderData& d) { d.meshes.edit()[0].first_uv[3] = 0; }},
      {"a corner beyond its mesh",
       [](RenderData& d) { d.triangles.edit()[0].v[2] = d.meshes[0].vertex_count; }},
      {"a corner far away", [](RenderData& d) { d.triangles.edit().back().v[0] = kNone; }},
      {"a position that is no number", [](RenderData& d) { d.positions.edit()[40].y = kNan; }},
      {"an infinite position", [](RenderData& d) { d.positions.edit()[40].x = -kInf; }},
      {"a position too far away", [](RenderData& d) { d.positions.edit()[40].z = 1.01e18f; }},
      {"a long tangent", [](RenderData& d) { d.tangents.edit()[0].x = 1.1f; }},
      {"a tangent without a side", [](RenderData& d) { d.tangents.edit()[0].w = 0; }},
      {"an infinite coordinate", [](RenderData& d) { d.uvs.edit()[3].y = kInf; }},
      {"a colour above one", [](RenderData& d) { d.colors.edit()[1].x = 1.5f; }},
      {"an alpha that is no number", [](RenderData& d) { d.colors.edit()[1].w = kNan; }},
  });
}

TEST_CASE("instances that lead nowhere are refused", "[render_data]") {
  check_refused({
      {"no such mesh", [](RenderData& d) { d.instances.edit()[2].mesh = static_cast<u32>(d.meshes.size()); }},
      {"no such material", [](RenderData& d) { d.instances.edit()[2].material = kNone; }},
      {"unknown flag", [](RenderData& d) { d.instances.edit()[2].flags |= 8; }},
      {"a transform that is no number",
       [](RenderData& d) { d.instances.edit()[2].world_from_object.m[7] = kNan; }},
      {"an infinite inverse", [](RenderData& d) { d.instances.edit()[2].object_from_world.m[7] = kInf; }},
      {"beyond the world",
       [](RenderData& d) {
         d.instances.edit()[0].world_from_object.m[0] = d.instances.edit()[0].world_from_object.m[1] = 9e17f;
       }},
      {"lights given up", [](RenderData& d) { d.instances.edit()[1].first_light = kNone; }},
      {"lights of another", [](RenderData& d) { d.instances.edit()[0].first_light = 0; }},
      {"lights beyond the end", [](RenderData& d) { d.instances.edit()[1].first_light = 5; }},
      {"lights that wrap around", [](RenderData& d) { d.instances.edit()[1].first_light = 0xfffffffe; }},
      {"more triangles baked than were sent",
       [](RenderData& d) { d.instances.edit().resize(2200, d.instances[0]); }},
  });
}

TEST_CASE("materials and textures out of range are refused", "[render_data]") {
  check_refused({
      {"base colour", [](RenderData& d) { d.materials.edit()[0].base_color.y = 1.01f; }},
      {"alpha", [](RenderData& d) { d.materials.edit()[0].alpha = kNan; }},
      {"emission", [](RenderData& d) { d.materials.edit()[0].emission.x = -1; }},
      {"metallic", [](RenderData& d) { d.materials.edit()[0].metallic = 2; }},
      {"specular colour", [](RenderData& d) { d.materials.edit()[0].specular_color.z = kInf; }},
      {"specular", [](RenderData& d) { d.materials.edit()[0].specular = -0.5f; }},
      {"roughness", [](RenderData& d) { d.materials.edit()[0].roughness = kNan; }},
      {"ior", [](RenderData& d) { d.materials.edit()[0].ior = 0.99f; }},
      {"transmission", [](RenderData& d) { d.materials.edit()[0].transmission = 1.5f; }},
      {"alpha cutoff", [](RenderData& d) { d.materials.edit()[0].alpha_cutoff = kNan; }},
      {"normal scale", [](RenderData& d) { d.materials.edit()[0].normal_scale = kInf; }},
      {"alpha mode", [](RenderData& d) { d.materials.edit()[0].alpha_mode = static_cast<AlphaMode>(3); }},
      {"flags", [](RenderData& d) { d.materials.edit()[0].flags = 16; }},
      {"base colour texture", [](RenderData& d) { d.materials.edit()[0].base_color_texture = 100; }},
      {"metallic-roughness texture",
       [](RenderData& d) { d.materials.edit()[0].metallic_roughness_texture = 100; }},
      {"normal texture", [](RenderData& d) { d.materials.edit()[0].normal_texture = 100; }},
      {"emission texture", [](RenderData& d) { d.materials.edit()[0].emission_texture = 100; }},
      {"transmission texture", [](RenderData& d) { d.materials.edit()[0].transmission_texture = 100; }},
      {"specular texture", [](RenderData& d) { d.materials.edit()[0].specular_texture = 100; }},
      {"specular colour texture", [](RenderData& d) { d.materials.edit()[0].specular_color_texture = 100; }},
      {"no such image", [](RenderData& d) { d.texture_slots.edit()[0].image = 3; }},
      {"fifth set of coordinates", [](RenderData& d) { d.texture_slots.edit()[0].uv_set = 4; }},
      {"wrap mode", [](RenderData& d) { d.texture_slots.edit()[0].wrap_t = static_cast<Wrap>(3); }},
      {"filter", [](RenderData& d) { d.texture_slots.edit()[0].nearest = 2; }},
      {"texture transform", [](RenderData& d) { d.texture_slots.edit()[0].m[2] = kNan; }},
      {"empty image", [](RenderData& d) { d.texture_images.edit()[0].width = 0; }},
      {"large image", [](RenderData& d) { d.texture_images.edit()[0].height = 65537; }},
      {"texels elsewhere", [](RenderData& d) { d.texture_images.edit()[1].first_word -= 1; }},
      {"texels far away", [](RenderData& d) { d.texture_images.edit()[0].first_word = ~u64{0}; }},
      {"texel format",
       [](RenderData& d) { d.texture_images.edit()[0].format = static_cast<TexelFormat>(5); }},
      {"padding", [](RenderData& d) { d.texture_images.edit()[0].pad = 1; }},
      {"texels of no image", [](RenderData& d) { d.texels.edit().push_back(0); }},
      {"missing texels", [](RenderData& d) { d.texels.edit().pop_back(); }},
      {"texel that is no number", [](RenderData& d) { d.texels.edit().back() = 0x7fc00000; }},
      {"negative texel", [](RenderData& d) { d.texels.edit().back() = 0xbf800000; }},
  });
}

TEST_CASE("layers out of range are refused", "[render_data]") {
  REQUIRE(valid_data().materials[0].layers == 0);
  REQUIRE(valid_data().material_layers.size() == 1);
  std::vector<Fault> faults = {
      {"no such layers", [](RenderData& d) { d.materials.edit()[0].layers = 1; }},
      {"layers given up", [](RenderData& d) { d.material_layers.edit().clear(); }},
  };
  const auto add = [&faults](const char* name, auto change) {
    faults.push_back({name, [change](RenderData& d) { change(d.material_layers.edit()[0]); }});
  };
  add("coat", [](MaterialLayers& l) { l.clearcoat.factor = 1.5f; });
  add("coat roughness", [](MaterialLayers& l) { l.clearcoat.roughness = kNan; });
  add("coat normal scale", [](MaterialLayers& l) { l.clearcoat.normal_scale = kInf; });
  add("coat texture", [](MaterialLayers& l) { l.clearcoat.texture = 100; });
  add("coat roughness texture", [](MaterialLayers& l) { l.clearcoat.roughness_texture = 100; });
  add("coat normal texture", [](MaterialLayers& l) { l.clearcoat.normal_texture = 100; });
  add("sheen colour", [](MaterialLayers& l) { l.sheen.color.y = 2; });
  add("sheen roughness", [](MaterialLayers& l) { l.sheen.roughness = -1; });
  add("sheen colour texture", [](MaterialLayers& l) { l.sheen.color_texture = 100; });
  add("sheen roughness texture", [](MaterialLayers& l) { l.sheen.roughness_texture = 100; });
  add("anisotropy", [](MaterialLayers& l) { l.anisotropy.strength = kNan; });
  add("no direction", [](MaterialLayers& l) { l.anisotropy.direction = {0, 0}; });
  add("anisotropy texture", [](MaterialLayers& l) { l.anisotropy.texture = 100; });
  add("iridescence", [](MaterialLayers& l) { l.iridescence.factor = 2; });
  add("film ior", [](MaterialLayers& l) { l.iridescence.ior = 0.5f; });
  add("film minimum", [](MaterialLayers& l) { l.iridescence.thickness_minimum_nm = -1; });
  add("film maximum", [](MaterialLayers& l) { l.iridescence.thickness_maximum_nm = 1.1e5f; });
  add("film texture", [](MaterialLayers& l) { l.iridescence.texture = 100; });
  add("film thickness texture", [](MaterialLayers& l) { l.iridescence.thickness_texture = 100; });
  add("diffuse transmission", [](MaterialLayers& l) { l.diffuse_transmission.factor = -0.1f; });
  add("its colour", [](MaterialLayers& l) { l.diffuse_transmission.color.z = kNan; });
  add("its texture", [](MaterialLayers& l) { l.diffuse_transmission.texture = 100; });
  add("its colour texture", [](MaterialLayers& l) { l.diffuse_transmission.color_texture = 100; });
  add("absorption", [](MaterialLayers& l) { l.volume.absorption.x = kInf; });
  add("negative absorption", [](MaterialLayers& l) { l.volume.absorption.y = -1; });
  add("dispersion", [](MaterialLayers& l) { l.volume.dispersion = kNan; });
  check_refused(faults);
}

TEST_CASE("lights and environments that do not fit are refused", "[render_data]") {
  REQUIRE(valid_data().lights[2].kind == LightKind::point);
  check_refused({
      {"a light too many", [](RenderData& d) { d.lights.edit().push_back(d.lights[2]); }},
      {"a table entry too few", [](RenderData& d) { d.light_alias.edit().pop_back(); }},
      {"an alias beyond the end", [](RenderData& d) { d.light_alias.edit()[1].alias = 6; }},
      {"unknown kind", [](RenderData& d) { d.lights.edit()[2].kind = static_cast<LightKind>(5); }},
      {"two environments' lights", [](RenderData& d) { d.lights.edit()[2].kind = LightKind::environment; }},
      {"an area light of no instance", [](RenderData& d) { d.lights.edit()[0].instance = kNone; }},
      {"an area light of another instance", [](RenderData& d) { d.lights.edit()[0].instance = 0; }},
      {"an area light of no triangle", [](RenderData& d) { d.lights.edit()[1].primitive = 2; }},
      {"area lights swapped", [](RenderData& d) { std::swap(d.lights.edit()[0], d.lights.edit()[1]); }},
      {"an infinite area", [](RenderData& d) { d.lights.edit()[0].area = kInf; }},
      {"negative intensity", [](RenderData& d) { d.lights.edit()[2].intensity.y = -1; }},
      {"a probability that is none", [](RenderData& d) { d.lights.edit()[2].select_probability = 1.5f; }},
      {"a light nowhere", [](RenderData& d) { d.lights.edit()[2].position.x = kNan; }},
      {"a long direction",
       [](RenderData& d) {
         d.lights.edit()[3].direction = {1, 1, 1};
       }},
      {"a cone turned inside out",
       [](RenderData& d) { std::swap(d.lights.edit()[3].cos_inner, d.lights.edit()[3].cos_outer); }},
      {"a sun of impossible width", [](RenderData& d) { d.lights.edit()[4].cos_half_angle = -2; }},
      {"no environment", [](RenderData& d) { d.environments.edit().clear(); }},
      {"two environments", [](RenderData& d) { d.environments.edit().resize(2, d.environments[0]); }},
      {"an environment that is no rotation",
       [](RenderData& d) { d.environments.edit()[0].cos_rotation = 2; }},
      {"an environment of no image", [](RenderData& d) { d.environments.edit()[0].image = 3; }},
      {"an environment without its light", [](RenderData& d) { d.environments.edit()[0].light = kNone; }},
      {"an environment with another's light", [](RenderData& d) { d.environments.edit()[0].light = 2; }},
      {"an environment beyond radiance", [](RenderData& d) { d.environments.edit()[0].radiance.x = kInf; }},
      {"an environment half visible", [](RenderData& d) { d.environments.edit()[0].visible = 2; }},
      {"a table of another shape", [](RenderData& d) { d.environments.edit()[0].alias_width *= 2; }},
      {"a table that wraps around",
       [](RenderData& d) {
         d.environments.edit()[0].alias_width = 0x80000000;
         d.environments.edit()[0].alias_height = 0x80000000;
       }},
      {"a table that is missing", [](RenderData& d) { d.environment_alias.edit().clear(); }},
      {"a table without densities", [](RenderData& d) { d.environment_density.edit().clear(); }},
      {"a table of a constant", [](RenderData& d) { d.environments.edit()[0].image = kNone; }},
      {"an environment's alias", [](RenderData& d) { d.environment_alias.edit()[3].alias = 128; }},
      {"a negative density", [](RenderData& d) { d.environment_density.edit()[3] = -1; }},
  });
}

TEST_CASE("cameras and settings out of range are refused", "[render_data]") {
  check_refused({
      {"no camera", [](RenderData& d) { d.cameras.edit().clear(); }},
      {"two cameras", [](RenderData& d) { d.cameras.edit().resize(2, d.cameras[0]); }},
      {"a scaled camera", [](RenderData& d) { d.cameras.edit()[0].world_from_camera.m[0] = 2; }},
      {"a sheared camera", [](RenderData& d) { d.cameras.edit()[0].world_from_camera.m[1] = 0.02f; }},
      {"a camera nowhere", [](RenderData& d) { d.cameras.edit()[0].world_from_camera.m[3] = kNan; }},
      {"no width", [](RenderData& d) { d.cameras.edit()[0].half_width = 0; }},
      {"infinite height", [](RenderData& d) { d.cameras.edit()[0].half_height = kInf; }},
      {"lens shift", [](RenderData& d) { d.cameras.edit()[0].shift_up = kNan; }},
      {"lens radius", [](RenderData& d) { d.cameras.edit()[0].lens_radius = -1; }},
      {"another projection", [](RenderData& d) { d.cameras.edit()[0].projection = Projection{2}; }},
      {"focus distance", [](RenderData& d) { d.cameras.edit()[0].focus_distance = 0; }},
      {"no settings", [](RenderData& d) { d.settings.edit().clear(); }},
      {"no pixels", [](RenderData& d) { d.settings.edit()[0].width = 0; }},
      {"too many pixels", [](RenderData& d) { d.settings.edit()[0].height = 65537; }},
      {"no samples", [](RenderData& d) { d.settings.edit()[0].samples_per_pixel = 0; }},
      {"too many samples for the film",
       [](RenderData& d) { d.settings.edit()[0].samples_per_pixel = 0xffffffff; }},
      {"too many bounces", [](RenderData& d) { d.settings.edit()[0].max_depth = 1025; }},
      {"too fine a quantum", [](RenderData& d) { d.settings.edit()[0].quantum_log2 = -41; }},
      {"too coarse a quantum", [](RenderData& d) { d.settings.edit()[0].quantum_log2 = 1; }},
      {"no limit", [](RenderData& d) { d.settings.edit()[0].contribution_limit = kInf; }},
      {"an indirect limit above the other",
       [](RenderData& d) { d.settings.edit()[0].indirect_limit = 1e9f; }},
      {"a limit that is no number", [](RenderData& d) { d.settings.edit()[0].indirect_limit = kNan; }},
      {"an extra end of a pass beyond the samples",
       [](RenderData& d) { d.settings.edit()[0].extra_pass_ends[0] = d.settings[0].samples_per_pixel; }},
      {"passes cut into three", [](RenderData& d) { d.settings.edit()[0].pass_steps = 3; }},
      {"an extra end of a pass behind none",
       [](RenderData& d) { d.settings.edit()[0].extra_pass_ends[1] = 1; }},
  });
}

TEST_CASE("the largest sums that the film can hold are allowed, more are not", "[render_data]") {
  RenderData data = valid_data();
  RenderSettings& settings = data.settings.edit()[0];
  settings.max_depth = 0;
  settings.contribution_limit = settings.indirect_limit =
      65536;  // 2^40 quanta each, one contribution a sample
  settings.samples_per_pixel = (1u << 22) - 1;
  CHECK(validate(data));
  settings.samples_per_pixel = 1u << 22;
  CHECK_FALSE(validate(data));
}
