#include <fmt/format.h>

#include <utility>

#include "base/file.hpp"
#include "master/master_app.hpp"
#include "master/memory_needs.hpp"
#include "wire/compression.hpp"
#include "wire/kernel_hash.hpp"

// How a render begins: what can be found wrong before it, the scene, the devices.

namespace oct {
namespace {

constexpr Duration kTick = milliseconds(100);

ExitCode code_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid_input: return ExitCode::usage;
    case ErrorKind::output: return ExitCode::output;
    case ErrorKind::unavailable:
    case ErrorKind::timed_out: return ExitCode::network;
    case ErrorKind::incompatible: return ExitCode::version;
    case ErrorKind::exhausted: return ExitCode::device;
    case ErrorKind::protocol:
    case ErrorKind::cancelled:
    case ErrorKind::internal: break;
  }
  return ExitCode::internal;
}

Digest render_key_of(const LoadedScene& scene, const MasterConfig& config) {
  Sha256 hash;
  hash.add(std::string_view("octane render key 1"));
  hash.add(bytes_of_value(scene.hash));
  hash.add(bytes_of_value(kernel_hash()));
  hash.add(
      fmt::format("exposure {} curve {}", config.tone_map.exposure, static_cast<int>(config.tone_map.curve)));
  for (const PictureOutput& output : config.outputs) {
    hash.add(fmt::format("output {} {}", static_cast<int>(output.format), static_cast<int>(output.exr_type)));
  }
  return hash.finish();
}

}  // namespace

std::optional<ExitCode> MasterApp::check_command() {
  if (auto outputs = check_outputs(); !outputs) return fail_early(outputs.error(), ExitCode::output);
  if (const auto film = film_memory_needs(config_.scene)) {
    if (auto fits = check_memory_budget(*film, memory_limit()); !fits)
      return fail_early(fits.error(), ExitCode::device);
  }
  if (config_.no_local && !config_.network.enable) {
    return fail_early({ErrorKind::invalid_input, "--no-local leaves nothing to render with",
                       "add --net-enable, and start slaves"},
                      ExitCode::usage);
  }
  if (!config_.no_local) {
    auto plan = plan_devices(config_.devices, list_cuda_devices());
    if (!plan) return fail_early(plan.error(), ExitCode::device);
    plan_ = *std::move(plan);
  }
  workers_ = std::make_unique<WorkQueue>(2);
  if (!config_.network.enable) return std::nullopt;
  auto server = SlaveServer::open(loop_, *workers_, config_.network, watch_->log());
  if (!server) {
    const NetworkChoice& network = config_.network;
    if (server.error().kind != ErrorKind::unavailable) return fail_early(server.error(), ExitCode::network);
    const std::string what =
        network.automatic_port
            ? fmt::format("ports {}-{} are in use by other programs", network.port,
                          network.port + kAutomaticPorts - 1)
            : fmt::format("port {} is in use by another program (maybe another master)", network.port);
    return fail_early(
        {ErrorKind::unavailable, what, "--net-master-port 0 takes the first free port of 21000-21015"},
        ExitCode::network);
  }
  server_ = *std::move(server);
  server_->on_refused([this](const RefusedPeer& refused) {
    if (refused.preamble.name.empty()) {
      watch_->event(fmt::format("{} was sent away: {}", refused.peer.address, refused.error.message));
    } else {
      const bool said = refused.error.message.starts_with("refused");
      watch_->warning(fmt::format("{} ({}): {}{}", refused.preamble.name, refused.peer.address,
                                  said ? "" : "refused, ", refused.error.message),
                      refused.error.help);
    }
  });
  if (auto opened = open_keeper(); !opened) return fail_early(opened.error(), code_of(opened.error()));
  return std::nullopt;
}

Result<void> MasterApp::check_outputs() {
  if (config_.outputs.empty()) {
    config_.outputs.push_back({file_stem(config_.scene.path) + ".png", PictureFormat::png8, ExrType::half});
  }
  for (std::size_t i = 0; i < config_.outputs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (config_.outputs[i].path == config_.outputs[j].path) {
        return oct::fail(ErrorKind::output,
                         fmt::format("{}: two outputs have this name", config_.outputs[i].path));
      }
    }
    if (config_.outputs[i].path == config_.watch.preview) {
      return oct::fail(ErrorKind::output,
                       fmt::format("{}: the preview and an output have this name", config_.watch.preview));
    }
    OCT_TRY(check_writable(config_.outputs[i].path));
  }
  if (!config_.watch.report.empty()) OCT_TRY(check_writable(config_.watch.report));
  if (!config_.watch.preview.empty()) OCT_TRY(check_preview(config_.watch.preview));
  return {};
}

ExitCode MasterApp::fail_early(const Error& error, ExitCode code) {
  fail(error, code);
  return code;
}

// Loading.

void MasterApp::start_loading() {
  load_started_ = steady_now();
  loader_ = std::make_unique<WorkQueue>();
  loader_->post([this] {
    ExitCode code = ExitCode::input;
    ThreadPool pool(config_.devices.threads);
    auto loaded = std::make_shared<Result<LoadedScene>>(load_scene(config_.scene, pool, code));
    loop_.post([this, loaded, code] { on_loaded(std::move(*loaded), code); });
  });
}

void MasterApp::on_loaded(Result<LoadedScene> loaded, ExitCode failure_code) {
  if (!loaded) return fail(loaded.error(), failure_code);
  scene_ = *std::move(loaded);
  scene_->summary.seconds = to_seconds(steady_now() - load_started_);
  render_key_ = render_key_of(*scene_, config_);
  describe_scene();
  if (auto fits = check_memory_budget(memory_needs(config_, plan_, *scene_), memory_limit()); !fits)
    return fail(fits.error(), ExitCode::device);
  start_core();
  if (auto started = start_devices(); !started) return fail(started.error(), code_of(started.error()));
}

void MasterApp::describe_scene() {
  const SceneSummary& scene = scene_->summary;
  for (const std::string& warning : scene_->warnings) watch_->warning(warning, {});
  for (const std::string& note : scene_->notes) watch_->event(note);
  watch_->scene(scene);
  watch_->line(
      "Scene",
      fmt::format("{}: {} triangles, {} objects, {} materials, {} textures; {} render data in {:.1f} s",
                  scene.name, scene.triangles, scene.objects, scene.materials, scene.textures,
                  megabytes_text(scene.bytes), scene.seconds));
  watch_->line("Devices", config_.no_local ? std::string("none of this computer (--no-local)") : plan_.text);
  const RenderSettings& settings = scene_->settings();
  watch_->line("Film", fmt::format("{}x{}, {} samples per pixel, camera \"{}\"", settings.width,
                                   settings.height, settings.samples_per_pixel, scene_->camera_name));
  describe_network();
}

void MasterApp::start_core() {
  MasterCoreConfig config;
  config.link.master_name = config_.network.nick_name.empty() ? host_name() : config_.network.nick_name;
  config.link.kernel_hash = kernel_hash();
  config.link.reads = readable_compressions();
  config.link.deadlines = config_.network.deadlines;
  config.dispatch.suspect_after = config_.network.deadlines.suspect;
  config.local_devices =
      config_.no_local ? 0 : static_cast<std::uint32_t>(plan_.gpus.size() + (plan_.cpu ? 1 : 0));
  config.network = server_ != nullptr;
  config.wait_for_slaves = config_.network.wait_for_slaves;
  config.wait_at_most =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(config_.network.wait_seconds));
  ServedScene served;
  served.bytes = scene_->chunks->distinct_bytes();
  served.chunks.insert(scene_->chunks->manifest().chunks.begin(), scene_->chunks->manifest().chunks.end());

  phase_ = Phase::rendering;
  render_started_ = last_reminder_ = outcome_.started = steady_now();
  outcome_.samples_wanted = std::uint64_t{scene_->settings().width} * scene_->settings().height *
                            scene_->settings().samples_per_pixel;
  film_ = std::make_unique<FilmWorker>(scene_->settings());
  film_watchers_ = std::make_unique<FilmWatchers>(
      loop_, config_.watch, config_.tone_map,
      [this](const std::string& text, const std::string& help) { watch_->warning(text, help); });
  film_watchers_->start(*film_, scene_->settings(), scene_->summary.name, render_started_);
  core_ = std::make_unique<MasterCore>(config, scene_->settings(), std::move(served), render_started_);
  watch_->frame_started(view(), render_started_);
  if (server_) {
    server_->serve(scene_->chunks, scene_->settings(), 1,
                   [this](MasterEvent event) { feed(std::move(event)); });
    keeper_->begin();
  }
  tick_ = loop_.every(kTick, [this] { on_tick(); });
}

Result<void> MasterApp::start_devices() {
  if (config_.no_local) return {};
  OCT_TRY_ASSIGN(std::vector<std::unique_ptr<Device>> devices, open_devices(config_.devices, plan_));
  for (std::uint32_t i = 0; i < devices.size(); ++i) {
    locals_.push_back(std::make_unique<RenderWorker>(std::move(devices[i]), [this, i](RenderEvent event) {
      auto shared = std::make_shared<RenderEvent>(std::move(event));
      loop_.post([this, i, shared] { on_device_event(i, std::move(*shared)); });
    }));
    OCT_TRY(locals_.back()->upload(kSceneUpload, scene_->data()));
  }
  return {};
}

}  // namespace oct
