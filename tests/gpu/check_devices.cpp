#include "gpu/check_devices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "compile/compile.hpp"
#include "device/canary.hpp"
#include "support/test_scenes.hpp"

namespace oct::test {
namespace {

/// Null after a message.
RenderDataPtr data_of(const Scene& scene, std::uint32_t width, std::uint32_t height, std::uint32_t samples) {
  CompileOptions options;
  options.width = width;
  options.height = height;
  options.samples_per_pixel = samples;
  ThreadPool pool;
  auto compiled = compile(scene, options, pool);
  if (compiled) return std::make_shared<const RenderData>(*std::move(compiled));
  fmt::print("{}: {}\n", scene.name, compiled.error().message);
  return nullptr;
}

/// The hash of the film of a scene in a slot, or what went wrong.
std::string film_of(Device& device, std::uint32_t slot, const RenderData& data) {
  const RenderSettings& settings = data.settings[0];
  Lease lease{1, {}};
  for (u32 tile = 0; tile < tile_count(settings); ++tile)
    lease.units.push_back({tile, 0, pass_count(settings)});
  Film film(settings);
  ProgressCounter progress{0};
  const auto merge = [&](const FilmContribution& contribution) { film.merge(contribution); };
  const auto rendered = device.render(slot, lease, {}, progress, merge);
  return rendered ? film.hash().hex() : rendered.error().message;
}

std::string upload_to(Device& device, std::uint32_t slot, const RenderDataPtr& data) {
  ProgressCounter progress{0};
  const auto uploaded = device.upload(slot, data, {}, progress);
  return uploaded ? "" : uploaded.error().message;
}

int report(const char* what, const Contestant& contestant, const std::string& fault,
           const std::string& figures = "") {
  fmt::print("{:<13} {:<44} {}{}\n", what, contestant.name, figures, fault.empty() ? "equal" : fault);
  std::fflush(stdout);
  return fault.empty() ? 0 : 1;
}

/// Renders slot 0 again and again while another thread fills and empties slot 1, then renders slot 1.
std::string fault_of_slots(Device& device, const RenderDataPtr& current, const RenderDataPtr& next,
                           const std::string& current_film, const std::string& next_film) {
  if (auto fault = upload_to(device, 0, current); !fault.empty()) return fault;
  std::string upload_fault;
  std::atomic<bool> uploading{true};
  std::thread uploader([&] {
    for (int i = 0; i < 8 && upload_fault.empty(); ++i) {
      if (i % 2 == 1) device.release(1);
      upload_fault = upload_to(device, 1, i % 4 == 2 ? current : next);
    }
    if (upload_fault.empty()) upload_fault = upload_to(device, 1, next);
    uploading = false;
  });
  std::string fault;
  do {
    if (film_of(device, 0, *current) != current_film) fault = "OTHER FILM WHILE THE OTHER SLOT IS FILLED";
  } while (uploading && fault.empty());
  uploader.join();
  if (!upload_fault.empty()) return upload_fault;
  if (!fault.empty()) return fault;
  return film_of(device, 1, *next) == next_film ? "" : "OTHER FILM IN SLOT 1";
}

double milliseconds_of(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

std::string fault_of_moved_camera(Contestant& contestant, const RenderDataPtr& first,
                                  const RenderDataPtr& moved, std::string& figures) {
  Device& device = *contestant.device;
  device.release(0);
  device.release(1);
  std::string fault;
  const double first_ms = milliseconds_of([&] { fault = upload_to(device, 0, first); });
  if (!fault.empty()) return fault;
  const std::uint64_t bytes = device.uploaded_bytes();
  const std::uint64_t trees = contestant.trees->built_count();
  const double second_ms = milliseconds_of([&] { fault = upload_to(device, 1, moved); });
  if (!fault.empty()) return fault;
  const std::uint64_t copied = device.uploaded_bytes() - bytes;
  figures = fmt::format("first upload {:.1f} ms, moved camera {:.1f} ms and {} bytes  ", first_ms, second_ms,
                        copied);
  if (contestant.trees->built_count() != trees) return "A TREE WAS BUILT AGAIN";
  const bool is_gpu = device.info().kind == DeviceKind::cuda;
  if (copied != (is_gpu ? sizeof(Camera) + sizeof(RenderSettings) : 0)) return "OTHER BYTES WERE COPIED";
  device.release(1);
  if (fault = upload_to(device, 0, moved); !fault.empty()) return fault;
  return device.uploaded_bytes() - bytes == copied ? "" : "WHAT WAS RELEASED LAST WAS COPIED AGAIN";
}

}  // namespace

int check_canaries(std::vector<Contestant>& contestants) {
  int faults = 0;
  for (const Contestant& contestant : contestants) {
    Result<Digest> digest = Digest();
    const double ms = milliseconds_of([&] { digest = contestant.device->canary({}); });
    std::string fault;
    if (!digest)
      fault = digest.error().message;
    else if (*digest != expected_canary())
      fault = "OTHER DIGEST " + digest->hex();
    faults += report("canary", contestant, fault, fmt::format("{:.1f} ms  ", ms));
  }
  return faults;
}

int check_slots(std::vector<Contestant>& contestants) {
  const RenderDataPtr current = data_of(small_room(), 320, 200, 21);
  const RenderDataPtr next = data_of(scaled(small_room(), 0.25f), 100, 80, 16);
  if (!current || !next) return 1;
  Device& judge = *contestants.front().device;
  upload_to(judge, 0, current);
  upload_to(judge, 1, next);
  const std::string current_film = film_of(judge, 0, *current), next_film = film_of(judge, 1, *next);
  int faults = 0;
  for (const Contestant& contestant : contestants) {
    faults += report("two slots", contestant,
                     fault_of_slots(*contestant.device, current, next, current_film, next_film));
  }
  return faults;
}

int check_moved_camera(std::vector<Contestant>& contestants) {
  std::vector<GpuScene> scenes = gpu_scenes(1);
  const RenderDataPtr first = data_of(scenes.back().scene, 160, 90, 4);
  if (!first) return 1;
  Camera camera = first->cameras[0];
  camera.world_from_camera.m[7] += 1;
  RenderSettings settings = first->settings[0];
  settings.seed += 1;
  const auto moved = std::make_shared<const RenderData>(with_camera_and_settings(*first, camera, settings));
  int faults = 0;
  std::string film;
  for (Contestant& contestant : contestants) {
    std::string figures;
    std::string fault = fault_of_moved_camera(contestant, first, moved, figures);
    const std::string this_film = film_of(*contestant.device, 0, *moved);
    if (film.empty()) film = this_film;
    if (fault.empty() && this_film != film) fault = "OTHER FILM";
    faults += report("moved camera", contestant, fault, figures);
  }
  return faults;
}

}  // namespace oct::test
