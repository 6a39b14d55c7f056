#include "master/frame_loader.hpp"

#include <filesystem>
#include <utility>

#include "base/file.hpp"
#include "master/checkpoint.hpp"
#include "master/memory_needs.hpp"

namespace oct {
namespace {

ExitCode code_of_resuming(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::incompatible: return ExitCode::checkpoint;
    case ErrorKind::invalid_input: return ExitCode::input;
    default: return exit_code_of(kind);
  }
}

bool holds_something(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path_from_utf8(path), error);
  return !error && size > 0;
}

}  // namespace

Result<LoadedFrame> load_frame(const MasterConfig& config, const DevicePlan& plan, ExitCode& failure_code) {
  ThreadPool pool(config.devices.threads);
  LoadedFrame frame;
  auto scene = load_scene(config.scene, pool, failure_code);
  if (!scene && scene.error().kind == ErrorKind::exhausted) failure_code = ExitCode::device;
  OCT_TRY_ASSIGN(frame.scene, std::move(scene));
  if (config.network.enable) frame.packed_sample = packed_sample_of(*frame.scene.chunks, pool);
  failure_code = ExitCode::device;
  OCT_TRY(check_memory_budget(memory_needs(config, plan, frame.scene), memory_limit()));
  if (config.checkpoint.resume) {
    auto film = resume_film(config.checkpoint.path, frame.scene, pool);
    if (!film) {
      failure_code = code_of_resuming(film.error().kind);
      return fail(std::move(film.error()));
    }
    frame.film = *std::move(film);
  }
  frame.rules = stop_rules(config.stop, frame.scene.settings(), frame.film ? &frame.film->film : nullptr);
  failure_code = ExitCode::output;
  OCT_TRY_ASSIGN(frame.samples_kept,
                 samples_kept(config.checkpoint.path, film_source_of(frame.scene), frame.scene.settings()));
  frame.replaces_film = frame.samples_kept == 0 && holds_something(config.checkpoint.path);
  return frame;
}

}  // namespace oct
