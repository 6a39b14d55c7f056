#include "fuzz/fuzz_target.hpp"
#include "fuzz/scene_checks.hpp"
#include "scene/import_log.hpp"
#include "scene/import_obj.hpp"

/// An OBJ file is a consistent scene, or an error that can be shown.
OCT_FUZZ_TARGET(obj) {
  auto imported = oct::import_obj(input, "a.obj", "no/such/folder");
  if (!imported) {
    OCT_CHECK(oct::is_utf8(imported.error().message));
    return;
  }
  for (const std::string& warning : imported->warnings) OCT_CHECK(oct::is_utf8(warning));
  oct::check_consistent(imported->scene);
  oct::complete_scene(imported->scene);
}
