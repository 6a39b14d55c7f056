#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "data/types.hpp"
#include "scene/animation.hpp"
#include "scene/node_tree.hpp"

// What the user meant, near the vocabulary of the files: names, degrees, encoded images. A builder's value:
// tests and importers fill it, pose() (pose.hpp) shows it at one moment, `compile` reads that.
//
// Instances, lights and cameras stand in the world, or hang on a node: then pose() places them.

namespace oct {

/// A decoded picture. Exactly one of the pixel vectors is filled: width x height x 4 (RGBA) for integers, x 3
/// (RGB) for floats; rows from the top.
struct SceneImage {
  std::string name;
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> rgba8;
  std::vector<std::uint16_t> rgba16;
  std::vector<float> rgb_float;  ///< scene-linear Rec.709
};

/// One use of an image in a material.
struct SceneTexture {
  std::size_t image = 0;
  std::uint32_t uv_set = 0;  ///< below kUvSets, as the mesh numbers them
  Wrap wrap_s = Wrap::repeat, wrap_t = Wrap::repeat;
  bool nearest = false;
  std::array<float, 2> offset{0, 0};  ///< KHR_texture_transform
  float rotation = 0;                 ///< radians
  std::array<float, 2> scale{1, 1};
};

// Layers and further lobes of a material. Each is absent at its defaults; a texture multiplies.

/// KHR_materials_clearcoat: a second interface of index 1.5, above all else.
struct SceneClearcoat {
  float factor = 0;
  float roughness = 0;
  float normal_scale = 1;
  std::optional<SceneTexture> texture;            ///< linear, R
  std::optional<SceneTexture> roughness_texture;  ///< linear, G
  std::optional<SceneTexture> normal_texture;     ///< linear; none = the geometry's normal
};

/// KHR_materials_sheen: fibres that stand off the surface.
struct SceneSheen {
  Vec3 color{0, 0, 0};
  float roughness = 0;
  std::optional<SceneTexture> color_texture;      ///< sRGB
  std::optional<SceneTexture> roughness_texture;  ///< linear, A
};

/// KHR_materials_anisotropy: highlights drawn out along a direction of the surface.
struct SceneAnisotropy {
  float strength = 0;
  float rotation = 0;                   ///< radians from the tangent toward the bitangent
  std::optional<SceneTexture> texture;  ///< linear, RG = direction as 2 x - 1, B = strength
};

/// KHR_materials_iridescence: a thin film above the base.
struct SceneIridescence {
  float factor = 0;
  float ior = 1.3f;
  float thickness_minimum_nm = 100, thickness_maximum_nm = 400;  ///< without a texture the maximum
  std::optional<SceneTexture> texture;                           ///< linear, R
  std::optional<SceneTexture> thickness_texture;                 ///< linear, G, from minimum to maximum
};

/// KHR_materials_diffuse_transmission: light that comes out diffusely on the other side.
struct SceneDiffuseTransmission {
  float factor = 0;
  Vec3 color{1, 1, 1};
  std::optional<SceneTexture> texture;        ///< linear, A
  std::optional<SceneTexture> color_texture;  ///< sRGB
};

/// KHR_materials_volume and KHR_materials_dispersion: the inside of what is not thin_walled.
struct SceneVolume {
  Vec3 attenuation_color{1, 1, 1};  ///< what is left of white light after the distance
  float attenuation_distance_m = std::numeric_limits<float>::infinity();
  float dispersion = 0;  ///< 20 / Abbe number
};

/// Of a dielectric of index 1.5, seen from straight above: what specular_color multiplies.
inline constexpr float kGlassReflectance = 0.04f;

/// glTF 2.0 metallic-roughness with extensions; the defaults are glTF's. Factors are linear.
struct SceneMaterial {
  std::string name;
  Vec3 base_color{1, 1, 1};
  float alpha = 1;
  float metallic = 1;
  float roughness = 1;
  Vec3 emission{0, 0, 0};       ///< radiance, times emission_strength
  float emission_strength = 1;  ///< KHR_materials_emissive_strength; pose() multiplies it in
  bool emits_front_only = false;
  float specular = 1;
  Vec3 specular_color{1, 1, 1};
  float ior = 1.5f;
  float transmission = 0;
  bool thin_walled = true;  ///< KHR_materials_transmission alone is thin; a volume (thickness > 0) refracts
  AlphaMode alpha_mode = AlphaMode::opaque;
  float alpha_cutoff = 0.5f;
  bool double_sided = false;
  bool unlit = false;
  float normal_scale = 1;
  std::optional<SceneTexture> base_color_texture;          ///< sRGB, A = alpha
  std::optional<SceneTexture> metallic_roughness_texture;  ///< linear, G = roughness, B = metallic
  std::optional<SceneTexture> normal_texture;              ///< linear
  std::optional<SceneTexture> emission_texture;            ///< sRGB
  std::optional<SceneTexture> transmission_texture;        ///< linear, R
  std::optional<SceneTexture> specular_texture;            ///< linear, A
  std::optional<SceneTexture> specular_color_texture;      ///< sRGB
  SceneClearcoat clearcoat;
  SceneSheen sheen;
  SceneAnisotropy anisotropy;
  SceneIridescence iridescence;
  SceneDiffuseTransmission diffuse_transmission;
  SceneVolume volume;
};

/// What a morph target adds to a mesh at weight 1. Empty, or as long as the mesh's positions.
struct SceneMorphTarget {
  std::vector<Vec3> positions, normals, tangents;
  std::array<std::vector<Vec2>, kUvSets> uvs;
  std::vector<Vec4> colors;
};

/// Up to four joints that a vertex follows.
struct SceneInfluences {
  std::array<std::uint32_t, 4> joints{};  ///< indices into SceneSkin::joints
  std::array<float, 4> weights{};         ///< not negative
};

/// Triangles with one material. Attribute vectors are empty or as long as positions.
struct SceneMesh {
  std::string name;
  std::vector<Vec3> positions;
  std::vector<Vec3> normals;   ///< unit; empty = flat shading
  std::vector<Vec4> tangents;  ///< unit, w = handedness
  std::array<std::vector<Vec2>, kUvSets> uvs;
  std::vector<Vec4> colors;  ///< linear RGBA
  std::vector<Triangle> triangles;
  std::vector<SceneMorphTarget> morph_targets;
  std::vector<std::vector<SceneInfluences>>
      influences;  ///< sets, as long as positions; a vertex's weights add to 1
  std::array<double, 3> centre{0, 0,
                               0};  ///< positions are counted from there; pose() puts it into the placement
};

/// Joints that bend meshes (glTF 2.0, section 3.7.3).
struct SceneSkin {
  std::string name;
  std::vector<std::size_t> joints;     ///< nodes; none: the skin is unusable, and its meshes stay as they are
  std::vector<Matrix4> inverse_binds;  ///< joint from mesh, as many as joints
};

/// A mesh placed in the world.
struct SceneInstance {
  std::string name;
  std::size_t mesh = 0;
  std::size_t material = 0;
  Transform world_from_object{{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};  ///< node from object if it has a node
  std::optional<std::size_t> node = {};
  std::optional<std::size_t> skin = {};  ///< the skin's joints alone place it
};

enum class SceneLightKind { point, spot, directional };

/// KHR_lights_punctual, in watts (LightUnits).
struct SceneLight {
  std::string name;
  SceneLightKind kind = SceneLightKind::point;
  Vec3 position{0, 0, 0};
  Vec3 direction{0, 0, -1};  ///< the way light travels, world
  Vec3 intensity{1, 1, 1};   ///< colour x intensity: W/sr, or W/m2 on a facing plane
  float inner_cone_degrees = 0, outer_cone_degrees = 45;
  float angular_diameter_degrees = 0;    ///< directional: 0 = from one direction, a sun has 0.53
  float strength = 1;                    ///< pose() multiplies it and watts_per_unit into intensity
  std::optional<std::size_t> node = {};  ///< at its origin, along its -Z
  float watts_per_unit = 1;              ///< of strength
};

/// Looks along -Z of its space, +Y up.
struct SceneCamera {
  std::string name;
  Transform world_from_camera{{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
  float vertical_fov_degrees = 40;
  std::optional<float> aspect;  ///< width / height that the camera was made for
  float shift_right = 0, shift_up = 0;
  float lens_radius_m = 0;
  float focus_distance_m = 1;
  std::optional<float> orthographic_height_m =
      {};  ///< of the view: a parallel projection, without field of view
  std::optional<std::size_t> node = {};
};

struct SceneEnvironment {
  std::optional<std::size_t> image;  ///< equirectangular, rgb_float
  Vec3 radiance{1, 1, 1};            ///< constant, or factor of the image
  float rotation_degrees = 0;        ///< about +Y
  bool visible = true;
};

struct Scene {
  std::string name;                       ///< the file's name without folder
  std::array<double, 3> origin{0, 0, 0};  ///< of our coordinates, in the file's: those of nodes
  std::vector<SceneImage> images;
  std::vector<SceneMaterial> materials;
  std::vector<SceneMesh> meshes;
  std::vector<SceneInstance> instances;
  std::vector<SceneLight> lights;
  std::vector<SceneCamera> cameras;
  std::optional<SceneEnvironment> environment;
  std::vector<SceneNode> nodes;
  std::vector<SceneSkin> skins;
  std::vector<SceneAnimation> animations;
};

/// What a file holds, for people who want to know before they render: names and numbers as the file has them.
struct FileContents {
  struct Animation {
    std::string name;
    std::size_t channels = 0;
    double seconds = 0;
  };
  struct Material {
    std::string name;
    std::vector<std::string> extensions;
  };
  std::string generator;
  std::vector<std::string> extensions;  ///< used
  std::vector<Animation> animations;
  std::vector<Material> materials;    ///< all that are in the file, shown or not
  std::vector<std::string> variants;  ///< KHR_materials_variants: other sets of materials that it offers
  std::size_t skins = 0;
};

/// A scene and what the user should know about it.
struct ImportedScene {
  Scene scene;
  FileContents contents;
  std::vector<std::string> warnings;  ///< unsupported, mended or left out
  std::vector<std::string> notes;     ///< how it was understood
};

/// What the intensities of punctual lights count.
enum class LightUnits {
  automatic,    ///< photometric where the file shows that its writer multiplied watts by 683, else watts
  watts,        ///< W/sr and W/m2
  photometric,  ///< candela and lux, at 683 lm/W
};

struct ImportOptions {
  bool allow_external_files = false;  ///< a scene may name any file that the user may read
  bool strict = false;                ///< what could be mended or left out is a fault
  LightUnits light_units = LightUnits::automatic;
  bool solid_glass = false;  ///< glass is solid where a glTF file gives no thickness
};

/// Whether a file of this name is taken for a scene: .gltf, .glb or .obj.
bool is_scene_name(const std::string& path);

/// Reads .gltf, .glb or .obj (by extension). Every fault is listed in the error (at most 20), one a line.
/// Decoding of images uses several threads; the result does not depend on how many.
Result<ImportedScene> import_scene(const std::string& path, const ImportOptions& options = {});

/// Reads an equirectangular picture of light: .hdr, .exr, or a TIFF of floats. Any thread.
Result<SceneImage> read_environment(const std::string& path);

/// Makes such a picture the environment of `scene` (keeping rotation and factor).
void set_environment(SceneImage image, Scene& scene);

/// Both.
Result<void> import_environment(const std::string& path, Scene& scene);

/// Which moment of a scene is shown.
struct PoseOptions {
  double time_s = 0;
  std::optional<std::size_t> animation =
      0;  ///< none, or one that the scene does not have: as the file places it
};

enum class NeutralLight {
  automatic,  ///< where the scene would be dark without
  on,
  off,
};

/// What was added to a scene.
struct SceneAdditions {
  bool camera = false;
  bool light = false;
};

/// Adds what a picture needs and a file may lack: a camera that frames the scene as it is at `moment` when there is none, a
/// soft studio (studio_light.hpp) when its own light would leave it dark then. Never fails; an empty scene gets both.
SceneAdditions complete_scene(Scene& scene, NeutralLight light = NeutralLight::automatic,
                              const PoseOptions& moment = {});

}  // namespace oct
