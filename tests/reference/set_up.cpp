#include "reference/set_up.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "film/picture_file.hpp"
#include "math/transform.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

namespace oct::test {
namespace {

using Json = nlohmann::json;

std::filesystem::path reference_folder() {
  const char* const folder = std::getenv("OCT_SHARED_DIR");
  return std::filesystem::path(folder != nullptr ? folder : "../shared") / "references";
}

Json read_set_up(const std::string& name) {
  const auto text = read_file((reference_folder() / (name + ".json")).string());
  REQUIRE(text);
  const auto* const begin = reinterpret_cast<const char*>(text->data());
  return Json::parse(begin, begin + text->size());
}

Vec3 vec3(const Json& json) {
  return {json[0].get<float>(), json[1].get<float>(), json[2].get<float>()};
}

SceneCamera camera_of(const Json& json) {
  const float fov = json["yfov_deg"].get<float>();
  if (json.contains("position"))
    return look_at(vec3(json["position"]), vec3(json["target"]), vec3(json["up"]), fov);
  SceneCamera camera;
  camera.vertical_fov_degrees = fov;
  for (std::size_t i = 0; i < 12; ++i) {
    camera.world_from_camera.m[i] = json["matrix_camera_to_world_row_major"][i / 4][i % 4].get<float>();
  }
  return camera;
}

void set_lights(Scene& scene, const Json& setup) {
  const Json& environment = setup["environment"];
  SceneEnvironment light;
  light.radiance = {0, 0, 0};
  if (environment["type"] == "constant") light.radiance = vec3(environment["radiance"]);
  scene.environment = light;
  if (environment["type"] == "hdr") {
    const auto file = reference_folder() / environment["file"].get<std::string>();
    REQUIRE(import_environment(file.string(), scene));
    const float strength = environment["strength"].get<float>();
    scene.environment->radiance = {strength, strength, strength};
    scene.environment->rotation_degrees = environment["rotation_y_deg"].get<float>();
  }
  if (setup.contains("sun")) {
    SceneLight sun;
    sun.kind = SceneLightKind::directional;
    sun.direction = vec3(setup["sun"]["direction"]);
    sun.intensity = vec3(setup["sun"]["irradiance"]);
    sun.angular_diameter_degrees = setup["sun"]["angle_deg"].get<float>();
    scene.lights.push_back(sun);
  }
}

Scene scene_of(const Json& setup) {
  auto imported = import_scene((reference_folder() / setup["scene"].get<std::string>()).string());
  REQUIRE(imported);
  set_lights(imported->scene, setup);
  for (SceneMaterial& material : imported->scene.materials) {
    // the reference's lamps emit and reflect nothing
    if (setup.value("emission_one_sided", false) && !is_black(material.emission))
      material.base_color = {0, 0, 0};
  }
  return std::move(imported->scene);
}

void keep(const Image& image, const std::string& name, float exposure_stops) {
  const char* const folder = std::getenv("OCT_KEEP_PICTURES");
  if (folder == nullptr) return;
  const std::string path = std::string(folder) + "/" + name;
  const ToneMap shown{std::exp2(exposure_stops), ToneCurve::none};
  CHECK(write_picture(image, shown, {path + ".png", PictureFormat::png8, {}}, {}));
  CHECK(write_picture(image, {}, {path + ".exr", PictureFormat::exr, ExrType::single}, {}));
}

Image read_picture(const std::string& path) {
  Scene holder;
  REQUIRE(import_environment(path, holder));
  SceneImage& image = holder.images[*holder.environment->image];
  return {image.width, image.height, std::move(image.rgb_float)};
}

}  // namespace

bool reference_exists(const std::string& name) {
  const auto setup = reference_folder() / (name + ".json");
  if (std::filesystem::exists(setup)) return true;
  WARN("no " << setup.string() << ": this picture is not compared");
  return false;
}

Pictures render_reference(const std::string& name, std::uint32_t samples, const ChangeSetUp& change) {
  const Json setup = read_set_up(name);
  Scene scene = scene_of(setup);
  SceneCamera camera = camera_of(setup["camera"]);
  if (change) change(scene, camera);
  if (const char* const quick = std::getenv("OCT_REFERENCE_SAMPLES"))
    samples = static_cast<std::uint32_t>(std::atoi(quick));
  CompileOptions options = picture(setup["width"], setup["height"], samples, setup["max_bounces"]);
  options.camera_override = camera;
  const auto device = cpu_device(0);
  const Film film = render_picture(*device, compile_for_test(scene, options));
  CHECK(film.non_finite_samples() == 0);

  Pictures pictures{film.resolve(), {}};
  if (!change) keep(pictures.ours, name, setup["exposure_ev"].get<float>());
  pictures.reference = read_picture((reference_folder() / (name + ".exr")).string());
  REQUIRE(pictures.reference.width == pictures.ours.width);
  REQUIRE(pictures.reference.height == pictures.ours.height);
  return pictures;
}

}  // namespace oct::test
