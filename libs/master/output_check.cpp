#include "master/output_check.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/file.hpp"
#include "base/output_target.hpp"
#include "master/checkpoint.hpp"
#include "master/preview.hpp"

namespace oct {
namespace {

struct NamedFile {
  std::string what;
  std::string path;
  std::filesystem::path place;  ///< behind links and dots; empty for a FIFO or a device, which may be shared
};

std::filesystem::path place_of(const std::string& path) {
  const auto target = find_output_target(path);
  if (!target || target->kind != OutputTarget::Kind::file) return {};
  std::error_code error;
  std::filesystem::path place = std::filesystem::absolute(target->path, error);
  const std::filesystem::path plain = std::filesystem::weakly_canonical(place, error);
  return error ? place : plain;
}

/// One file would replace the other.
Result<void> check_names_differ(const MasterConfig& config) {
  std::vector<NamedFile> files;
  const auto add = [&files](const std::string& what, const std::string& path) -> Result<void> {
    if (path.empty()) return {};
    NamedFile file{what, path, place_of(path)};
    for (const NamedFile& other : files) {
      if (file.place.empty() || other.place != file.place) continue;
      return fail(ErrorKind::output,
                  other.what == what ? fmt::format("{}: two outputs have this name", path)
                                     : fmt::format("{}: {} and {} have this name", path, other.what, what));
    }
    files.push_back(std::move(file));
    return {};
  };
  OCT_TRY(add("the report", config.report.report));
  OCT_TRY(add("the log", config.report.log_file));
  OCT_TRY(add("the preview", config.watch.preview));
  OCT_TRY(add("the address file", config.network.address_file));
  OCT_TRY(add("the checkpoint", config.checkpoint.path));
  for (const PictureOutput& output : config.outputs) OCT_TRY(add("an output", output.path));
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
