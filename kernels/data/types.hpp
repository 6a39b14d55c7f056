#pragma once
#include <cstdint>
#include <type_traits>

#include "hd.hpp"

// The plain data of a compiled scene: little-endian, fixed layout, linked by 32-bit indices, no pointers,
// names or paths. Structs have no functions and no default values (those would be symbols shared between
// instruction sets): write `Material material{};`. Lengths in metres, angles in radians, colour linear
// Rec.709, radiance in W/sr/m2. docs/render_data.md describes the bytes.

namespace oct {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

/// "No such thing" for every index.
inline constexpr u32 kNone = 0xffffffffu;

struct Vec2 {
  float x, y;
};
struct Vec3 {
  float x, y, z;
};
struct Vec4 {
  float x, y, z, w;
};

/// Affine map, 3 rows of 4, row-major, column vectors: y_i = m[4i] x + m[4i+1] y + m[4i+2] z + m[4i+3].
struct Transform {
  float m[12];
};

struct Bounds3 {
  Vec3 lo, hi;
};

/// Corners, relative to Mesh::first_vertex; counter-clockwise seen from the front.
struct Triangle {
  u32 v[3];
};

/// Sets of texture coordinates that a mesh can have. Importers number those that a material uses from 0.
inline constexpr u32 kUvSets = 4;

/// One mesh with one material. Attribute arrays run parallel to the vertices; kNone = absent.
struct Mesh {
  u32 first_vertex, vertex_count;
  u32 first_triangle, triangle_count;
  u32 first_normal;       ///< into normals; kNone = flat shading
  u32 first_tangent;      ///< into tangents; kNone = derived from texture coordinates
  u32 first_uv[kUvSets];  ///< into uvs, of each set
  u32 first_color;        ///< into colors, linear RGBA
};

enum InstanceFlags : u32 {
  kInstanceBaked = 1u << 0,         ///< a device transforms its vertices into the one world-space structure
  kInstanceFlipsWinding = 1u << 1,  ///< world_from_object mirrors
  kInstanceOpen = 1u << 2,          ///< a sheet that encloses nothing: no path gets inside of it
};

/// A mesh in the world. Its index is the `instance` of every hit.
struct Instance {
  Transform world_from_object;
  Transform object_from_world;
  u32 mesh;
  u32 material;
  u32 first_light;  ///< kNone, or index of the area light of triangle 0; one light a triangle, in order
  u32 flags;        ///< InstanceFlags
};

enum class AlphaMode : u32 { opaque, mask, blend };

enum MaterialFlags : u32 {
  kMaterialCullsBack = 1u << 0,       ///< not there for a ray, of whatever kind, that meets its back
  kMaterialUnlit = 1u << 1,           ///< shows base_color as emitted radiance, reflects nothing
  kMaterialThinWalled = 1u << 2,      ///< transmission without refraction (no inside)
  kMaterialEmitsFrontOnly = 1u << 3,  ///< emission leaves the front side alone
};

/// Metallic-roughness material (glTF 2.0, appendix B, with KHR_materials_{transmission,ior,specular,unlit,
/// emissive_strength}). Textures are indices into texture_slots, kNone = factor alone; a texture multiplies.
struct Material {
  Vec3 base_color;
  float alpha;
  Vec3 emission;  ///< radiance
  float metallic;
  Vec3 specular_color;  ///< KHR_materials_specular: F0 tint of the dielectric
  float specular;       ///< KHR_materials_specular: 0 = no dielectric reflection (pure Lambert)
  float roughness;      ///< perceptual; GGX alpha = roughness squared
  float ior;            ///< at least 1
  float transmission;   ///< share of the dielectric base that is glass instead of diffuse
  float alpha_cutoff;   ///< for AlphaMode::mask
  float normal_scale;
  AlphaMode alpha_mode;
  u32 flags;  ///< MaterialFlags
  u32 base_color_texture;
  u32 metallic_roughness_texture;  ///< G = roughness, B = metallic
  u32 normal_texture;
  u32 emission_texture;
  u32 transmission_texture;  ///< R
  u32 specular_texture;      ///< A
  u32 specular_color_texture;
  u32 layers;  ///< into material_layers; kNone = this record says it all
};

/// A second dielectric interface of index 1.5 above everything else (KHR_materials_clearcoat).
struct Clearcoat {
  float factor;     ///< share of the surface that is coated, 0 = none
  float roughness;  ///< perceptual
  float normal_scale;
  u32 texture;            ///< R
  u32 roughness_texture;  ///< G
  u32 normal_texture;     ///< kNone = the interpolated normal, whatever the base's normal map
};

/// Fibres that stand off the surface (KHR_materials_sheen).
struct Sheen {
  Vec3 color;  ///< black = none
  float roughness;
  u32 color_texture;
  u32 roughness_texture;  ///< A
};

/// Highlights drawn out along a direction of the surface (KHR_materials_anisotropy).
struct Anisotropy {
  float strength;  ///< 0 = none
  Vec2 direction;  ///< unit, in the plane of tangent and bitangent
  u32 texture;     ///< RG = direction as 2 x - 1, turned by `direction`; B multiplies the strength
};

/// A thin film above the base (KHR_materials_iridescence).
struct Iridescence {
  float factor;                                      ///< share of the surface that has the film, 0 = none
  float ior;                                         ///< of the film, at least 1
  float thickness_minimum_nm, thickness_maximum_nm;  ///< from one to the other with the texture
  u32 texture;                                       ///< R
  u32 thickness_texture;                             ///< G; kNone = 1
};

/// Light that leaves the diffuse base on the other side (KHR_materials_diffuse_transmission).
struct DiffuseTransmission {
  float factor;  ///< share of the diffuse base's light, 0 = none
  Vec3 color;
  u32 texture;  ///< A
  u32 color_texture;
};

/// What is inside of a body (KHR_materials_volume, KHR_materials_dispersion).
struct Volume {
  Vec3 absorption;   ///< per metre: light falls to exp(-absorption x distance)
  float dispersion;  ///< 20 / Abbe number
};

/// What few materials have. Each part at its neutral value is absent.
struct MaterialLayers {
  Clearcoat clearcoat;
  Sheen sheen;
  Anisotropy anisotropy;
  Iridescence iridescence;
  DiffuseTransmission diffuse_transmission;
  Volume volume;
};

enum class Wrap : u32 { repeat, clamp_to_edge, mirrored_repeat };

/// One use of an image: which coordinates, how transformed, how repeated.
struct TextureSlot {
  u32 image;   ///< into texture_images
  u32 uv_set;  ///< below kUvSets
  Wrap wrap_s, wrap_t;
  u32 nearest;  ///< 1 = nearest texel, 0 = bilinear
  float m[6];   ///< 2 rows of 3: image coordinates from mesh coordinates (KHR_texture_transform)
};

enum class TexelFormat : u32 {
  rgba8_srgb,     ///< 1 word a texel, R in the low byte; RGB sRGB-encoded, A linear
  rgba8_linear,   ///< 1 word
  rgba16_srgb,    ///< 2 words: R, G in the first from the low half, B, A in the second
  rgba16_linear,  ///< 2 words
  rgb32_float,    ///< 3 words
};

/// Rows from the top, texels from the left.
struct TextureImage {
  u32 width, height;
  TexelFormat format;
  u32 pad;
  u64 first_word;  ///< into texels
};

enum class LightKind : u32 { area, point, spot, directional, environment };

/// Something that next-event estimation can sample.
struct Light {
  LightKind kind;
  u32 instance, primitive;   ///< area: the triangle
  float select_probability;  ///< of light_alias choosing it; > 0 for each light that can emit
  Vec3 position;             ///< point, spot: world
  float area;                ///< area: of the triangle in the world, m2
  Vec3 direction;            ///< spot, directional: unit, the way light travels
  float cos_half_angle;      ///< directional: cosine of half its angular diameter, 1 = from one direction
  Vec3 intensity;            ///< point, spot: W/sr; directional: W/m2 on a facing plane; area: mean radiance
  float cos_inner, cos_outer;  ///< spot cone (KHR_lights_punctual)
};

/// Walker's alias table with integer thresholds: draw i uniformly, keep it if a 32-bit draw < threshold, else
/// alias.
struct AliasEntry {
  u32 threshold;
  u32 alias;
};

/// Light from infinity: `radiance` times the image where there is one. Equirectangular: u = 0.5 + atan2(z, x)
/// / 2pi, v from the top = 0.5 - asin(y) / pi, after rotation about +Y.
struct Environment {
  Vec3 radiance;                     ///< factor of the image, or the constant radiance
  u32 image;                         ///< kNone = constant
  float cos_rotation, sin_rotation;  ///< the environment turned by +angle about +Y
  u32 light;                         ///< index of its entry in lights, kNone = black
  u32 alias_width, alias_height;     ///< cells of environment_alias and _density; 0 when constant
  u32 visible;                       ///< 1 = camera rays see it
};

enum class Projection : u32 { perspective, orthographic };

/// Camera with a thin lens; looks along -Z, +Y up in its own space.
struct Camera {
  Transform world_from_camera;  ///< rigid
  float half_width,
      half_height;              ///< of the image plane, at distance 1 in perspective; metres if orthographic
  float shift_right, shift_up;  ///< lens shift in image widths and heights
  float lens_radius;            ///< metres, 0 = pinhole
  float focus_distance;         ///< metres along the view axis, > 0
  Projection projection;
};

/// What the film is a function of, besides scene and camera.
struct RenderSettings {
  u32 width, height;  ///< pixels
  u32 samples_per_pixel;
  u32 seed;
  u32 max_depth;             ///< bounces, 0 = what the camera sees directly
  i32 quantum_log2;          ///< the film counts in units of 2^quantum_log2
  float contribution_limit;  ///< each contribution is clamped to it, per channel
  float indirect_limit;  ///< the same after the first bounce (--clamp-indirect); contribution_limit = none
  i32 frame;             ///< picture frame; part of the random seed
  /// Samples after which a pass ends besides those after which one ends anyway, ascending, 0 = no more: where
  /// a render with fewer samples ended that this one continues. No sample depends on them (data/unit.hpp).
  u32 extra_pass_ends[3];
  /// Into how many passes each doubling of the samples is cut, from kFinePassesFrom samples on: a power of two up to
  /// 16, so that a render can end between powers of four; 0 = passes end at powers of four alone. No sample depends
  /// on it.
  u32 pass_steps;
};

/// A point on a triangle. `u`, `v` weigh corners 1 and 2.
struct Hit {
  float t;  ///< in units of the ray's direction
  float u, v;
  u32 instance;   ///< kNone = missed
  u32 primitive;  ///< triangle of the instance's mesh
  u32 back;       ///< 1 = its corners go clockwise along the ray: in the world if baked, else in the mesh
};

/// Hits of a ray have one total order: by t, then instance, then primitive.
struct HitKey {
  float t;
  u32 instance, primitive;
};

/// A half line, or a piece of one. Finds hits with t in [t_min, t_max], greater than `after` in the order of
/// hits, not on the excluded triangle.
struct Ray {
  Vec3 origin;
  float t_min;
  Vec3 direction;  ///< need not be unit
  float t_max;
  HitKey after;                             ///< {-1, 0, 0} = from the start
  u32 exclude_instance, exclude_primitive;  ///< kNone = nothing
};

#define OCT_ASSERT_PLAIN(type, size) \
  static_assert(sizeof(type) == (size) && std::is_trivial_v<type> && std::is_standard_layout_v<type>)

OCT_ASSERT_PLAIN(Vec2, 8);
OCT_ASSERT_PLAIN(Vec3, 12);
OCT_ASSERT_PLAIN(Vec4, 16);
OCT_ASSERT_PLAIN(Transform, 48);
OCT_ASSERT_PLAIN(Triangle, 12);
OCT_ASSERT_PLAIN(Mesh, 44);
OCT_ASSERT_PLAIN(Instance, 112);
OCT_ASSERT_PLAIN(Material, 108);
OCT_ASSERT_PLAIN(MaterialLayers, 128);
OCT_ASSERT_PLAIN(TextureSlot, 44);
OCT_ASSERT_PLAIN(TextureImage, 24);
OCT_ASSERT_PLAIN(Light, 68);
OCT_ASSERT_PLAIN(AliasEntry, 8);
OCT_ASSERT_PLAIN(Environment, 40);
OCT_ASSERT_PLAIN(Camera, 76);
OCT_ASSERT_PLAIN(RenderSettings, 52);
OCT_ASSERT_PLAIN(Ray, 52);

}  // namespace oct
