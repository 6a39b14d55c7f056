#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scene/import_log.hpp"
#include "scene/scene.hpp"
#include "scene/texture_loader.hpp"

namespace oct {

/// The pictures of an OBJ file's materials. MTL gives roughness, metalness and opacity pictures of their own,
/// where a scene has them as channels of one: they are put together after decoding.
class ObjPictures {
 public:
  explicit ObjPictures(SceneFiles& files) : loader_(files) {}

  /// Asks for a file that a library in folder `beside` names, once however often it is named. Returns its
  /// index in Scene::images until finish().
  std::size_t add(const std::string& file, const std::string& beside);

  /// After decoding, `material`'s metallic_roughness_texture gets G from one picture and B from the other; a
  /// missing one is white.
  void join_metallic_roughness(std::size_t material, std::optional<std::size_t> roughness,
                               std::optional<std::size_t> metalness);
  /// Whether a material has a picture of its colour.
  enum class Color { none, picture };

  /// After decoding, `material`'s base_color_texture gets its alpha from a picture: from its alpha where it
  /// has one, else from its red. Without a picture of the colour it is white.
  void join_opacity(std::size_t material, std::size_t opacity, Color color);

  /// After decoding, `material`'s sheen colour, whose picture holds numbers in red, gets one of colours.
  void make_sheen(std::size_t material) { sheens_.push_back(material); }

  /// After decoding, the picture of `material`'s normal_texture is looked at: one that holds heights is left
  /// out with a warning that calls it `keyword`. By Blender only what is grey holds heights.
  void check_normal_map(std::size_t material, std::string_view keyword, bool by_blender);

  /// Decodes, puts together, and drops what no material uses. Warns of missing and broken pictures.
  void finish(Scene& scene, ImportLog& log);

 private:
  struct MetallicRoughness {
    std::size_t material;
    std::optional<std::size_t> roughness, metalness;
  };
  struct Opacity {
    std::size_t material, opacity;
    Color color;
  };

  struct NormalMap {
    std::size_t material;
    std::string keyword;
    bool by_blender;
  };

  void put_metallic_roughness_together(const MetallicRoughness& join, const std::vector<bool>& missing,
                                       Scene& scene);
  void make_sheen_colors(const std::vector<bool>& missing, Scene& scene) const;
  void put_opacity_in(const Opacity& join, const std::vector<bool>& missing, Scene& scene);
  void drop_height_maps(Scene& scene, ImportLog& log);

  TextureLoader loader_;
  std::map<std::pair<std::string, std::string>, std::size_t> known_;  ///< by folder and name
  std::vector<MetallicRoughness> metallic_roughness_;
  std::vector<Opacity> opacity_;
  std::vector<std::size_t> sheens_;  ///< materials
  std::vector<NormalMap> normal_maps_;
};

}  // namespace oct
