#include "master/output_check.hpp"

#include <fmt/format.h>

#include "base/file.hpp"

namespace oct {

Result<void> prepare_outputs(MasterConfig& config) {
  if (config.outputs.empty())
    config.outputs.push_back({file_stem(config.scene.path) + ".png", PictureFormat::png8, ExrType::half});
  for (std::size_t i = 0; i < config.outputs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (config.outputs[i].path == config.outputs[j].path)
        return fail(ErrorKind::output, fmt::format("{}: two outputs have this name", config.outputs[i].path));
    }
    OCT_TRY(check_writable(config.outputs[i].path));
  }
  if (!config.report.report.empty()) OCT_TRY(check_writable(config.report.report));
  return {};
}

}  // namespace oct
