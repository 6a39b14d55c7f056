#include "fuzz/fuzz_target.hpp"
#include "scene/import_log.hpp"
#include "scene/obj_material.hpp"

/// A material library gives materials and clean messages; all materials can be converted.
OCT_FUZZ_TARGET(mtl) {
  oct::ImportLog log("a.mtl");
  oct::SceneFiles files("no/such/folder", {});
  oct::ObjPictures pictures(files);
  for (const oct::MtlMaterial& material : oct::parse_mtl(input, log)) {
    for (const auto transparency : {oct::FullTransparency::invisible, oct::FullTransparency::opaque}) {
      const oct::SceneMaterial converted = oct::convert_mtl(material, 0, transparency, pictures, log);
      OCT_CHECK(converted.ior >= 1.0f);
    }
  }
  for (const std::string& warning : log.take_warnings()) OCT_CHECK(oct::is_utf8(warning));
  if (log.has_faults()) OCT_CHECK(oct::is_utf8(log.error().error.message));
}
