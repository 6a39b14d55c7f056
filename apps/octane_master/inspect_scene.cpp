#include "octane_master/inspect_scene.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/escaped.hpp"
#include "base/json_text.hpp"
#include "base/plural.hpp"
#include "base/thread_pool.hpp"
#include "compile/compile.hpp"
#include "math/vec.hpp"
#include "octane_master/failed.hpp"
#include "scene/pose.hpp"

namespace oct {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// An imported scene, and what it comes to.
struct InspectedScene {
  ImportedScene imported;
  SceneAdditions added;
  std::uint64_t render_data_bytes = 0, triangles = 0;
};

Result<InspectedScene> inspected(const std::string& path, const ImportOptions& options, ThreadPool& pool) {
  InspectedScene result;
  OCT_TRY_ASSIGN(result.imported, import_scene(path, options));
  Scene& scene = result.imported.scene;
  PosedScene posed = pose(scene);
  result.added = complete_scene(scene, posed);
  OCT_TRY_ASSIGN(const RenderData data, compile(posed, CompileOptions{}, pool, &result.imported.warnings));
  // what is told is the file's
  if (result.added.camera) scene.cameras.pop_back();
  if (result.added.light) scene.images.pop_back();
  result.render_data_bytes = byte_size(data);
  for (const Instance& instance : data.instances)
    result.triangles += data.meshes[instance.mesh].triangle_count;
  return result;
}

const char* kind_word(SceneLightKind kind) {
  switch (kind) {
    case SceneLightKind::point: return "point";
    case SceneLightKind::spot: return "spot";
    case SceneLightKind::directional: return "directional";
  }
  return "";
}

/// Of the file, as watts.
Vec3 intensity_of(const SceneLight& light) {
  return light.intensity * (light.strength * light.watts_per_unit);
}

std::string view_of(const SceneCamera& camera) {
  if (camera.orthographic_height_m)
    return fmt::format("orthographic, {:.4g} m high", *camera.orthographic_height_m);
  return fmt::format("{:.4g} degrees from top to bottom", camera.vertical_fov_degrees);
}

const char* unit_of(const SceneLight& light) {
  return light.kind == SceneLightKind::directional ? "W/m2" : "W/sr";
}

std::string picture_kind(const SceneImage& image) {
  if (!image.rgb_float.empty()) return "float";
  return image.rgba8.empty() ? "16 bit" : "8 bit";
}

/// What is remarkable about a material.
std::vector<std::string> traits_of(const SceneMaterial& material) {
  std::vector<std::string> traits;
  const auto add = [&](bool has, const char* word) {
    if (has) traits.emplace_back(word);
  };
  add(material.metallic > 0, "metal");
  add(material.transmission > 0, material.thin_walled ? "thin glass" : "glass");
  add(material.alpha_mode == AlphaMode::mask, "cut out");
  add(material.alpha_mode == AlphaMode::blend, "blended");
  add(!is_black(material.emission * material.emission_strength), "emits");
  add(material.transmission > 0 && !material.thin_walled &&
          material.volume.attenuation_distance_m < std::numeric_limits<float>::infinity(),
      "absorbs");
  add(material.diffuse_transmission.factor > 0, "translucent");
  add(material.clearcoat.factor > 0, "clear coat");
  add(!is_black(material.sheen.color), "sheen");
  add(material.anisotropy.strength > 0, "anisotropic");
  add(material.iridescence.factor > 0, "iridescent");
  add(material.unlit, "unlit");
  add(material.base_color_texture.has_value(), "colour picture");
  add(material.normal_texture.has_value(), "normal map");
  return traits;
}

std::vector<std::string> extensions_of(const FileContents& contents, const std::string& material) {
  const auto found =
      std::find_if(contents.materials.begin(), contents.materials.end(),
                   [&](const FileContents::Material& known) { return known.name == material; });
  return found != contents.materials.end() ? found->extensions : std::vector<std::string>();
}

std::vector<std::string> additions(const SceneAdditions& added) {
  std::vector<std::string> words;
  if (added.camera) words.emplace_back("a camera that frames the scene");
  if (added.light) words.emplace_back("a neutral studio light");
  return words;
}

OrderedJson json_of(const InspectedScene& inspected) {
  const Scene& scene = inspected.imported.scene;
  const FileContents& contents = inspected.imported.contents;
  OrderedJson json{{"schema", "octane.scene/1"},
                   {"scene", scene.name},
                   {"generator", contents.generator},
                   {"triangles", inspected.triangles},
                   {"objects", scene.instances.size()},
                   {"render_data_bytes", inspected.render_data_bytes},
                   {"origin", scene.origin},
                   {"skins", contents.skins},
                   {"extensions", contents.extensions},
                   {"variants", contents.variants}};
  for (const char* list : {"cameras", "lights", "materials", "animations", "pictures"})
    json[list] = OrderedJson::array();
  for (const SceneCamera& camera : scene.cameras) {
    const auto& height = camera.orthographic_height_m;
    json["cameras"].push_back(
        {{"name", camera.name},
         {"vertical_fov_degrees", height ? OrderedJson() : OrderedJson(camera.vertical_fov_degrees)},
         {"orthographic_height_m", height ? OrderedJson(*height) : OrderedJson()},
         {"aspect", camera.aspect ? OrderedJson(*camera.aspect) : OrderedJson()}});
  }
  for (const SceneLight& light : scene.lights) {
    const Vec3 intensity = intensity_of(light);
    json["lights"].push_back({{"name", light.name},
                              {"kind", kind_word(light.kind)},
                              {"intensity", {intensity.x, intensity.y, intensity.z}},
                              {"unit", unit_of(light)}});
  }
  for (const SceneMaterial& material : scene.materials) {
    json["materials"].push_back({{"name", material.name},
                                 {"traits", traits_of(material)},
                                 {"extensions", extensions_of(contents, material.name)}});
  }
  for (const FileContents::Animation& animation : contents.animations) {
    json["animations"].push_back(
        {{"name", animation.name}, {"channels", animation.channels}, {"seconds", animation.seconds}});
  }
  for (const SceneImage& image : scene.images) {
    json["pictures"].push_back({{"name", image.name},
                                {"width", image.width},
                                {"height", image.height},
                                {"kind", picture_kind(image)}});
  }
  json["notes"] = inspected.imported.notes;
  json["added"] = additions(inspected.added);
  json["warnings"] = inspected.imported.warnings;
  return json;
}

/// A heading in front of the first line of a list.
class Lines {
 public:
  explicit Lines(Console& console) : console_(console) {}

  void add(std::string_view heading, const std::string& text) {
    console_.wanted_line(escaped(fmt::format("{:<11}{}", heading == last_ ? "" : heading, text)));
    last_ = heading;
  }

 private:
  Console& console_;
  std::string last_;
};

std::string quoted(const std::string& name) {
  return name.empty() ? "(no name)" : fmt::format("\"{}\"", name);
}

void show_lights(const Scene& scene, Lines& lines) {
  for (std::size_t i = 0; i < scene.lights.size(); ++i) {
    const SceneLight& light = scene.lights[i];
    const Vec3 intensity = intensity_of(light);
    lines.add("Lights",
              fmt::format("{} {}: {}, {:.4g} {:.4g} {:.4g} {}", i, quoted(light.name), kind_word(light.kind),
                          intensity.x, intensity.y, intensity.z, unit_of(light)));
  }
}

void show_materials(const ImportedScene& imported, Lines& lines) {
  for (const SceneMaterial& material : imported.scene.materials) {
    std::vector<std::string> words = traits_of(material);
    const std::vector<std::string> extensions = extensions_of(imported.contents, material.name);
    words.insert(words.end(), extensions.begin(), extensions.end());
    const std::string text = words.empty() ? "opaque" : fmt::format("{}", fmt::join(words, ", "));
    lines.add("Materials", fmt::format("{}: {}", quoted(material.name), text));
  }
}

void show(Console& console, const InspectedScene& inspected) {
  const ImportedScene& imported = inspected.imported;
  const Scene& scene = imported.scene;
  Lines lines(console);
  lines.add("Scene", fmt::format("{}: {} triangle{}, {} object{}, {:.1f} MB render data", scene.name,
                                 inspected.triangles, plural(inspected.triangles), scene.instances.size(),
                                 plural(scene.instances.size()),
                                 static_cast<double>(inspected.render_data_bytes) / 1e6));
  if (!imported.contents.generator.empty()) lines.add("Written by", imported.contents.generator);
  for (std::size_t i = 0; i < scene.cameras.size(); ++i) {
    lines.add("Cameras",
              fmt::format("{} {}: {}", i, quoted(scene.cameras[i].name), view_of(scene.cameras[i])));
  }
  show_lights(scene, lines);
  show_materials(imported, lines);
  for (const FileContents::Animation& animation : imported.contents.animations) {
    lines.add("Animations", fmt::format("{}: {} channel{}, {:.4g} s", quoted(animation.name),
                                        animation.channels, plural(animation.channels), animation.seconds));
  }
  for (const SceneImage& image : scene.images)
    lines.add("Pictures", fmt::format("{}: {}x{}, {}", quoted(image.name), image.width, image.height,
                                      picture_kind(image)));
  for (const std::string& note : imported.notes) lines.add("Notes", note);
  for (const std::string& text : additions(inspected.added)) lines.add("Added", text);
  for (const std::string& warning : imported.warnings) lines.add("Left out", warning);
}

}  // namespace

ExitCode inspect_scene(Console& console, const std::string& path, const ImportOptions& options, bool json) {
  ThreadPool pool;
  const Result<InspectedScene> scene = inspected(path, options, pool);
  if (!scene) {
    const bool exhausted = scene.error().kind == ErrorKind::exhausted;
    return failed(console, scene.error(), exhausted ? ExitCode::device : ExitCode::input);
  }
  if (json) {
    console.wanted_line(json_text(json_of(*scene)));
  } else {
    show(console, *scene);
  }
  return ExitCode::done;
}

}  // namespace oct
