#include "fuzz/fuzz_target.hpp"
#include "fuzz/scene_checks.hpp"
#include "scene/import_gltf.hpp"
#include "scene/import_log.hpp"

/// A glTF file is a consistent scene at any time, or an error that can be shown. Its pictures are decoded too.
OCT_FUZZ_TARGET(gltf) {
  auto imported = oct::import_gltf(input, "a.glb", "no/such/folder");
  if (!imported) {
    OCT_CHECK(oct::is_utf8(imported.error().message));
    return;
  }
  for (const std::string& warning : imported->warnings) OCT_CHECK(oct::is_utf8(warning));
  oct::check_consistent(imported->scene);
  oct::check_consistent(oct::pose(imported->scene, {0, std::nullopt}));
  for (std::size_t i = 0; i < imported->scene.animations.size() && i < 4; ++i) {
    for (const double share : {0.0, 0.3, 1.0})
      oct::check_consistent(oct::pose(
          imported->scene, {share * static_cast<double>(imported->scene.animations[i].duration_s()), i}));
  }
  oct::complete_scene(imported->scene);
}
