#include "master/output_check.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/output_names.hpp"
#include "base/output_target.hpp"
#include "master/checkpoint.hpp"
#include "master/preview.hpp"

namespace oct {
namespace {

/// One file would replace the other.
Result<void> check_names_differ(const MasterConfig& config) {
  OutputNames names;
  OCT_TRY(names.add("the report", config.report.report));
  OCT_TRY(names.add("the log", config.report.log_file));
  OCT_TRY(names.add("the preview", config.watch.preview));
  OCT_TRY(names.add("the address file", config.network.address_file));
  OCT_TRY(names.add("the checkpoint", config.checkpoint.path));
  for (const PictureOutput& output : config.outputs) OCT_TRY(names.add("an output", output.path));
  return {};
}

/// It is written again and again, and read by the next render. One that nobody named may fail later: the
/// film then goes to the folder for temporary files.
Result<void> check_checkpoint(const CheckpointChoice& choice) {
  const char* help = "--checkpoint FILE names another one";
  const auto target = find_output_target(choice.path);
  if (!target) return fail(target.error().kind, target.error().message, help);
  if (target->kind == OutputTarget::Kind::stream)
    return fail(ErrorKind::output,
                fmt::format("{}: a checkpoint is read again, and this is not a file", choice.path), help);
  return choice.is_named ? check_writable(choice.path) : Result<void>();
}

}  // namespace

Result<void> name_outputs(MasterConfig& config) {
  if (config.outputs.empty())
    config.outputs.push_back({file_stem(config.scene.path) + ".png", PictureFormat::png8, ExrType::half});
  config.checkpoint.is_named = !config.checkpoint.path.empty();
  config.checkpoint.path = checkpoint_path(config.checkpoint, config.outputs, config.scene.path);
  return check_names_differ(config);
}

Result<void> check_all_outputs(const MasterConfig& config) {
  OCT_TRY(check_outputs(config.outputs));
  if (!config.report.report.empty()) OCT_TRY(check_writable(config.report.report));
  if (!config.watch.preview.empty()) OCT_TRY(check_preview(config.watch.preview));
  return check_checkpoint(config.checkpoint);
}

}  // namespace oct
