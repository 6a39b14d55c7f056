#include "gpu/compare.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <random>

#include "compile/compile.hpp"
#include "math/scalar.hpp"
#include "support/golden_film.hpp"
#include "unit/math/math_table.hpp"

namespace oct::test {
namespace {

constexpr std::size_t kRays = 1u << 20;

/// What a device made of a scene.
struct Outcome {
  std::string film;  ///< its hash
  std::vector<Hit> hits;
  double build_seconds = 0, render_seconds = 0, trace_seconds = 0;
  std::uint64_t non_finite = 0;
  std::string error;
};

class Clock {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Rays from all over the scene's middle in all directions, and along the axes.
std::vector<Ray> some_rays(const RenderData& data) {
  const float* m = data.cameras[0].world_from_camera.m;
  const float reach = 1.5f * data.cameras[0].focus_distance;
  std::mt19937 random(7);
  std::uniform_real_distribution<float> within(-1, 1);
  std::vector<Ray> rays(kRays);
  for (std::size_t i = 0; i < rays.size(); ++i) {
    Ray& ray = rays[i];
    ray.origin = {m[3] + reach * within(random), m[7] + reach * within(random),
                  m[11] + reach * within(random)};
    ray.direction = {within(random), within(random), within(random)};
    if (i % 16 == 0) ray.direction = {0, i % 32 == 0 ? -1.0f : 0.0f, i % 32 == 0 ? 0.0f : -1.0f};
    ray.t_min = 0;
    ray.t_max = kInfinity;
    ray.after = {-1, 0, 0};
    ray.exclude_instance = ray.exclude_primitive = kNone;
  }
  return rays;
}

Lease whole_picture(const RenderSettings& settings) {
  Lease lease{1, {}};
  for (u32 tile = 0; tile < tile_count(settings); ++tile)
    lease.units.push_back({tile, 0, pass_count(settings)});
  return lease;
}

Outcome outcome_on(Device& device, const RenderDataPtr& data, const std::vector<Ray>& rays) {
  Outcome outcome;
  const auto failed = [&](const Result<void>& result) {
    if (!result) outcome.error = result.error().message;
    return !result;
  };
  ProgressCounter progress{0};
  const Clock build;
  if (failed(device.upload(0, data, {}, progress))) return outcome;
  outcome.build_seconds = build.seconds();
  Film film(data->settings[0]);
  const Clock render;
  if (failed(device.render(0, whole_picture(data->settings[0]), {}, progress,
                           [&](const FilmContribution& contribution) { film.merge(contribution); })))
    return outcome;
  outcome.render_seconds = render.seconds();
  outcome.film = film.hash().hex();
  outcome.non_finite = film.non_finite_samples();
  outcome.hits.resize(rays.size());
  const Clock trace;
  if (failed(device.trace(0, rays, outcome.hits))) return outcome;
  outcome.trace_seconds = trace.seconds();
  return outcome;
}

std::size_t different_hits(const std::vector<Hit>& a, const std::vector<Hit>& b) {
  std::size_t different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool equal = bits_of(a[i].t) == bits_of(b[i].t) && bits_of(a[i].u) == bits_of(b[i].u) &&
                       bits_of(a[i].v) == bits_of(b[i].v) && a[i].instance == b[i].instance &&
                       a[i].primitive == b[i].primitive;
    different += equal ? 0 : 1;
  }
  return different;
}

/// What is wrong with an outcome; empty = nothing. `truth`: of the first device; `pinned` may be null.
std::string fault_of(const Outcome& outcome, const Outcome& truth, const char* pinned) {
  if (!outcome.error.empty()) return outcome.error;
  if (pinned != nullptr && outcome.film != pinned) return "NOT THE PINNED FILM";
  if (outcome.film != truth.film) return "OTHER FILM";
  if (outcome.non_finite > 0) return fmt::format("{} SAMPLES NOT FINITE", outcome.non_finite);
  if (const std::size_t count = different_hits(outcome.hits, truth.hits); count > 0)
    return fmt::format("{} OTHER HITS", count);
  return {};
}

}  // namespace

int compare_scenes(std::vector<Contestant>& contestants, const std::vector<GpuScene>& scenes) {
  int faults = 0;
  ThreadPool pool;
  for (const GpuScene& scene : scenes) {
    CompileOptions options;
    options.width = scene.width;
    options.height = scene.height;
    options.samples_per_pixel = scene.samples;
    options.max_depth = scene.max_depth;
    auto compiled = compile(scene.scene, options, pool);
    if (!compiled) {
      fmt::print("{}: {}\n", scene.name, compiled.error().message);
      ++faults;
      continue;
    }
    const auto data = std::make_shared<const RenderData>(*std::move(compiled));
    const std::vector<Ray> rays = some_rays(*data);
    const double samples = static_cast<double>(scene.width) * scene.height * scene.samples;
    fmt::print("{}: {}x{}, {} samples per pixel\n", scene.name, scene.width, scene.height, scene.samples);
    std::vector<Outcome> outcomes;
    for (Contestant& contestant : contestants) {
      outcomes.push_back(outcome_on(*contestant.device, data, rays));
      const Outcome& outcome = outcomes.back();
      const bool is_pinned = &scene == &scenes.front();
      const std::string fault = fault_of(outcome, outcomes.front(), is_pinned ? kSmallRoomFilm : nullptr);
      faults += fault.empty() ? 0 : 1;
      fmt::print("  {:<44} film {}  built {:6.3f} s  {:8.2f} Ms/s  {:8.2f} Mrays/s  {}\n", contestant.name,
                 outcome.film.substr(0, 12), outcome.build_seconds, samples / outcome.render_seconds / 1e6,
                 static_cast<double>(kRays) / outcome.trace_seconds / 1e6, fault.empty() ? "equal" : fault);
      std::fflush(stdout);
    }
  }
  return faults;
}

#if defined(OCT_HAVE_CUDA)
int compare_math() {
  std::vector<u32> inputs;
  for (u64 bits = 0; bits < u64{1} << 32; bits += 2003) inputs.push_back(static_cast<u32>(bits));
  const std::size_t count = inputs.size();
  const MathTable& table = math_table_x64();
  std::vector<u32> expected;
  const auto input = [&](std::size_t i) { return float_from_bits(inputs[i % count]); };
  const auto add = [&](float x) { expected.push_back(x == x ? bits_of(x) : 0x7fc00000u); };
  for (u32 f = 0; f < table.unary_count; ++f)
    for (std::size_t i = 0; i < count; ++i) add(table.unary[f].call(input(i)));
  for (u32 f = 0; f < table.binary_count; ++f)
    for (std::size_t i = 0; i < count; ++i) add(table.binary[f].call(input(i), input(i + 1)));
  for (std::size_t i = 0; i < count; ++i) add(table.fma(input(i), input(i + 1), input(i + 2)));

  std::vector<u32> results(expected.size());
  if (!math_results_cuda(inputs.data(), static_cast<u32>(count), results.data())) {
    fmt::print("math: cannot be computed on the GPU\n");
    return 1;
  }
  std::size_t different = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i] == expected[i] || ++different > 5) continue;
    fmt::print("math: function {} of {:#010x}: {:#010x} on the GPU, {:#010x} here\n", i / count,
               inputs[i % count], results[i], expected[i]);
  }
  fmt::print("math: {} functions of {} floats: {}\n", results.size() / count, count,
             different == 0 ? "equal" : fmt::format("{} RESULTS DIFFER", different));
  return different == 0 ? 0 : 1;
}
#else
int compare_math() {
  return 0;
}
#endif

}  // namespace oct::test
