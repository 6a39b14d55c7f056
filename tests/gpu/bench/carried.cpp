#include "gpu/bench/carried.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/thread_pool.hpp"
#include "render_data/compiled_scene_file.hpp"

namespace oct::bench {

namespace fs = std::filesystem;

Result<std::vector<CarriedScene>> scenes_in(const std::string& folder) {
  std::error_code error;
  std::vector<CarriedScene> scenes;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const fs::path path = entry.path();
    if (path.extension() != ".octscene") continue;
    const fs::path rays = fs::path(path).replace_extension(".rays");
    scenes.push_back({path.stem().string(), path.string(), fs::exists(rays) ? rays.string() : ""});
  }
  if (error) return fail(ErrorKind::invalid_input, fmt::format("{}: {}", folder, error.message()));
  if (scenes.empty()) {
    return fail(ErrorKind::invalid_input, fmt::format("{}: has no compiled scene (.octscene)", folder),
                "octane_master compile SCENE -o FILE.octscene writes one");
  }
  std::sort(scenes.begin(), scenes.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return scenes;
}

Result<RenderDataPtr> load_carried(const CarriedScene& scene) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 30;
  ThreadPool pool;
  OCT_TRY_ASSIGN(CompiledScene compiled, read_compiled_scene(scene.scene, kMostBytes, pool));
  return std::make_shared<const RenderData>(std::move(compiled.data));
}

RenderDataPtr with_samples(const RenderData& data, std::uint32_t samples) {
  RenderSettings settings = data.settings[0];
  settings.samples_per_pixel = samples;
  return std::make_shared<const RenderData>(with_camera_and_settings(data, data.cameras[0], settings));
}

}  // namespace oct::bench
