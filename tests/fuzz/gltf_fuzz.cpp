#include "fuzz/fuzz_target.hpp"
#include "fuzz/scene_checks.hpp"
#include "scene/import_gltf.hpp"
#include "scene/import_log.hpp"

/// A glTF file is a consistent scene, or an error that can be shown. Its pictures are decoded too.
OCT_FUZZ_TARGET(gltf) {
  auto imported = oct::import_gltf(input, "a.glb", "no/such/folder");
  if (!imported) {
    OCT_CHECK(oct::is_utf8(imported.error().message));
    return;
  }
  for (const std::string& warning : imported->warnings) OCT_CHECK(oct::is_utf8(warning));
  oct::check_consistent(imported->scene);
  oct::complete_scene(imported->scene);
}
