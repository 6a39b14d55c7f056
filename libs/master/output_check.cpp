#include "master/output_check.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "master/checkpoint.hpp"
#include "master/preview.hpp"

namespace oct {

Result<void> prepare_outputs(MasterConfig& config) {
  if (config.outputs.empty())
    config.outputs.push_back({file_stem(config.scene.path) + ".png", PictureFormat::png8, ExrType::half});
  OCT_TRY(check_outputs(config.outputs));
  for (const PictureOutput& output : config.outputs) {
    if (output.path == config.watch.preview)
      return fail(ErrorKind::output,
                  fmt::format("{}: the preview and an output have this name", output.path));
  }
  if (!config.report.report.empty()) OCT_TRY(check_writable(config.report.report));
  if (!config.watch.preview.empty()) OCT_TRY(check_preview(config.watch.preview));
  config.checkpoint.path = checkpoint_path(config.checkpoint, config.outputs, config.scene.path);
  return {};
}

}  // namespace oct
