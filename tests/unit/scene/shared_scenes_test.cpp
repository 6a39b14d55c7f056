#include <cstdlib>
#include <filesystem>

#include "base/hash.hpp"
#include "scene/scene.hpp"
#include "support/catch.hpp"

using namespace oct;

// Real files, where they are at hand: in ../shared or in the folder that OCT_SHARED_DIR names. Without them
// these tests pass, saying so.

namespace {

std::string shared_scene(const std::string& name) {
  const char* folder = std::getenv("OCT_SHARED_DIR");
  const std::string path = std::string(folder != nullptr ? folder : "../shared") + "/scenes/" + name;
  if (std::filesystem::exists(path)) return path;
  WARN(name << " is not at hand");
  return {};
}

struct Expected {
  const char* name;
  /// As the Khronos validator counts: primitives of all meshes, each once.
  std::size_t triangles;
  std::size_t pictures;  ///< those that we use
  std::size_t lights, cameras;
};

constexpr Expected kExpected[] = {
    {"AnimatedCube/AnimatedCube.gltf", 12, 2, 0, 0},
    {"AnimatedMorphCube-Quantized/AnimatedMorphCube.gltf", 12, 0, 0, 0},
    {"AnisotropyBarnLamp/AnisotropyBarnLamp.gltf", 10203, 4, 0, 0},
    {"AttenuationTest/AttenuationTest.gltf", 172, 2, 0, 0},  // 232, 60 of them in equal primitives
    {"ClearCoatCarPaint/ClearCoatCarPaint.glb", 3072, 1, 0, 0},
    {"ClearCoatTest/ClearCoatTest.glb", 2096, 6, 0, 0},  // 37116: the spheres are equal primitives
    {"CountryKitchen/CountryKitchen.gltf", 1021815, 11, 0, 1},
    {"FlightHelmet/FlightHelmet.gltf", 94722, 15, 0, 0},
    {"GlassVaseFlowers-Meshopt/GlassVaseFlowers-meshopt.glb", 10218, 3, 0, 0},
    {"GlassVaseFlowers/GlassVaseFlowers.glb", 7018, 3, 0, 0},  // 10218: two glasses of 3200
    {"InterpolationTest/InterpolationTest.gltf", 14, 1, 0, 0},
    {"LightsPunctualLamp/LightsPunctualLamp.gltf", 6000, 7, 5, 0},
    {"MetalRoughSpheresNoTextures/MetalRoughSpheresNoTextures.glb", 12209, 0, 0,
     0},  // 1040409, equal spheres
    {"RiggedFigure-Draco/RiggedFigure.gltf", 256, 0, 0, 0},
    {"RiggedFigure/RiggedFigure.glb", 256, 0, 0, 0},
    {"SparseMultiPrim/23_multi_prim_vertex_attribute.gltf", 6, 0, 0, 0},
    {"SpecularTest/SpecularTest.glb", 7708, 4, 0, 0},                // 44828, equal spheres
    {"TextureTransformTest/TextureTransformTest.gltf", 4, 5, 0, 0},  // 18, equal squares
    {"ToyCar/ToyCar.gltf", 108936, 7, 0, 8},
    {"TransmissionRoughnessTest/TransmissionRoughnessTest.glb", 12992, 5, 0, 0},  // 77792, equal spheres
    {"TransmissionTest/TransmissionTest.glb", 50879, 9, 0, 1},                    // 128775, equal spheres
    {"TwoSidedPlane/TwoSidedPlane.gltf", 2, 3, 0, 0},
    {"UnlitTest/UnlitTest.glb", 44, 0, 0, 0},  // 88, two equal ones
    {"VertexColorTest/VertexColorTest.glb", 36, 2, 0, 0},
    {"obj/cornell/CornellBox-Original.obj", 36, 0, 0, 0},
    {"obj/cornell/CornellBox-Water.obj", 7088, 0, 0, 0},
    {"obj/bunny/stanford-bunny.obj", 69451, 0, 0, 0},
    {"obj/bunny/teapot.obj", 6320, 0, 0, 0},
};

/// What all instances together show: as large as the validator's figure, or larger where meshes are placed
/// repeatedly.
std::size_t shown_triangles(const Scene& scene) {
  std::size_t sum = 0;
  for (const SceneInstance& instance : scene.instances) sum += scene.meshes[instance.mesh].triangles.size();
  return sum;
}

}  // namespace

TEST_CASE("real scenes are imported whole", "[scene]") {
  for (const Expected& expected : kExpected) {
    const std::string path = shared_scene(expected.name);
    if (path.empty()) continue;
    INFO(expected.name);
    const auto imported = import_scene(path);
    INFO((imported ? std::string() : imported.error().message));
    REQUIRE(imported.has_value());
    const Scene& scene = imported->scene;
    std::size_t triangles = 0;
    for (const SceneMesh& mesh : scene.meshes) triangles += mesh.triangles.size();
    CHECK(triangles == expected.triangles);
    CHECK(shown_triangles(scene) >= triangles);
    CHECK(scene.images.size() == expected.pictures);
    CHECK(scene.lights.size() == expected.lights);
    CHECK(scene.cameras.size() == expected.cameras);
  }
}

TEST_CASE("the kitchen of ten copies shows ten times the triangles", "[scene]") {
  const std::string path = shared_scene("CountryKitchen/CountryKitchen_x10.gltf");
  if (path.empty()) return;
  const auto imported = import_scene(path);
  REQUIRE(imported.has_value());
  CHECK(shown_triangles(imported->scene) == 10218150);
  CHECK(imported->scene.instances.size() == 2860);
}

TEST_CASE("the Cornell box has its light and its walls", "[scene]") {
  const std::string path = shared_scene("obj/cornell/CornellBox-Original.obj");
  if (path.empty()) return;
  const auto imported = import_scene(path);
  REQUIRE(imported.has_value());
  CHECK(imported->warnings.empty());
  std::size_t lights = 0;
  for (const SceneMaterial& material : imported->scene.materials) {
    CHECK(material.specular == 0.0f);
    if (material.emission.x == 0.0f) continue;
    ++lights;
    CHECK(material.name == "light");
    CHECK((material.emission.x == 17.0f && material.emission.y == 12.0f && material.emission.z == 4.0f));
  }
  CHECK(lights == 1);
}

TEST_CASE("codecs of OpenEXR agree on the same picture", "[scene]") {
  std::string first;
  for (const char* codec : {"none", "rle", "zip", "piz"}) {
    const std::string path = shared_scene(std::string("exr/comp_") + codec + ".exr");
    if (path.empty()) continue;
    Scene scene;
    REQUIRE(import_environment(path, scene).has_value());
    const SceneImage& image = scene.images.at(0);
    CHECK(image.width == 587);
    CHECK(image.height == 675);
    const std::string hash = sha256(std::as_bytes(std::span(image.rgb_float))).hex();
    if (first.empty()) first = hash;
    CHECK(hash == first);
  }
}

TEST_CASE("environments are read and become the scene's", "[scene]") {
  for (const char* name :
       {"env/studio.hdr", "env/sunset.hdr", "env/park.hdr", "exr/OrientationLatLong.exr"}) {
    const std::string path = shared_scene(name);
    if (path.empty()) continue;
    Scene scene;
    scene.environment.emplace();
    scene.environment->rotation_degrees = 30;
    REQUIRE(import_environment(path, scene).has_value());
    CHECK(scene.environment->rotation_degrees == 30.0f);
    const SceneImage& image = scene.images.at(scene.environment->image.value());
    CHECK(image.width == 1024);
    CHECK(image.height == 512);
  }
  const std::string path = shared_scene("exr/WideFloatRange.exr");
  if (path.empty()) return;
  Scene scene;
  REQUIRE(import_environment(path, scene).has_value());
  const SceneImage& image = scene.images.at(0);
  bool grey = true;
  for (std::size_t i = 0; i < image.rgb_float.size(); i += 3) {
    grey =
        grey && image.rgb_float[i] == image.rgb_float[i + 1] && image.rgb_float[i] == image.rgb_float[i + 2];
  }
  CHECK(grey);
}

TEST_CASE("rows run from the top and columns are not mirrored", "[scene]") {
  const std::string path = shared_scene("exr/OrientationLatLong.exr");
  if (path.empty()) return;
  Scene scene;
  REQUIRE(import_environment(path, scene).has_value());
  const SceneImage& image = scene.images.at(0);
  const auto is_dark = [&](std::size_t x, std::size_t y) {
    return image.rgb_float[(y * image.width + x) * 3 + 1] < 0.25f;
  };
  // Around +X, at a quarter of the width, the picture shows an axis Y going up and an axis Z going to the
  // right.
  CHECK(is_dark(256, 210));
  CHECK_FALSE(is_dark(256, 320));
  CHECK(is_dark(295, 255));
  CHECK_FALSE(is_dark(217, 255));
  // Around +Z, in the middle, X goes to the left: seen from inside, as an environment is.
  CHECK(is_dark(473, 255));
  CHECK_FALSE(is_dark(551, 255));
}
