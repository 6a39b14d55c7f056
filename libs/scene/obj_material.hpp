#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scene/import_log.hpp"
#include "scene/obj_pictures.hpp"
#include "scene/scene.hpp"

namespace oct {

/// One use of a picture in an MTL file, with the options that we know.
struct MtlTexture {
  std::string file;
  std::array<float, 2> offset{0, 0}, scale{1, 1};
  bool clamp = false;
  float multiplier = 1;     ///< -bm
  bool by_blender = false;  ///< -bm is written as Blender does, which has normal maps there
};

/// A material as MTL files write it (Wavefront's specification and the PBR extension Pr, Pm, Ps, Pc, Pcr,
/// aniso, anisor, norm). Absent values stay empty, since their absence means something.
struct MtlMaterial {
  std::string name;
  std::string folder;  ///< of its library: where its pictures are looked for first
  std::optional<Vec3> diffuse, specular, emission, transmission_filter;
  std::optional<float> ior, exponent, opacity, roughness, metallic;
  std::optional<float> sheen, clearcoat, clearcoat_roughness, anisotropy, anisotropy_turns;
  int illumination_model = 2;
  std::map<std::string, MtlTexture> textures;  ///< by keyword: "map_Kd"
};

/// Reads a material library. Keywords that are not known are skipped, and so are values that cannot be understood,
/// with a warning.
std::vector<MtlMaterial> parse_mtl(ByteView file, ImportLog& log);

/// What `d 0` and `Tr 1` mean: where everything in a file would be invisible, its writer has them the wrong way round.
enum class FullTransparency { invisible, opaque };

/// Lambert and GGX as docs/scenes.md says; asks for the pictures that it uses. `place` is the material's
/// index in Scene::materials.
SceneMaterial convert_mtl(const MtlMaterial& source, std::size_t place, FullTransparency transparency,
                          ObjPictures& pictures, ImportLog& log);

/// Whether nothing of it is seen, apart from a picture of its opacity.
bool is_wholly_transparent(const MtlMaterial& source);

}  // namespace oct
