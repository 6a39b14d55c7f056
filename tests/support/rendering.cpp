#include "support/rendering.hpp"

#include <cmath>

#include "support/catch.hpp"

namespace oct::test {
namespace {

double mean_green(const Film& film) {
  const Image image = film.resolve();
  double sum = 0;
  for (std::size_t i = 1; i < image.rgb.size(); i += 3) sum += image.rgb[i];
  return sum / (static_cast<double>(image.width) * image.height);
}

}  // namespace

CompileOptions picture(std::uint32_t width, std::uint32_t height, std::uint32_t samples,
                       std::uint32_t max_depth) {
  CompileOptions options;
  options.width = width;
  options.height = height;
  options.samples_per_pixel = samples;
  options.max_depth = max_depth;
  return options;
}

RenderDataPtr compile_for_test(const Scene& scene, const CompileOptions& options) {
  ThreadPool pool(1);
  Result<RenderData> data = compile(scene, options, pool);
  INFO((data ? "" : data.error().message));
  REQUIRE(data);
  return std::make_shared<const RenderData>(*std::move(data));
}

std::unique_ptr<Device> cpu_device(std::uint32_t threads, CpuIsa isa) {
  CpuDeviceOptions options;
  options.threads = threads;
  options.isa = isa;
  Result<std::unique_ptr<Device>> device = make_cpu_device(options);
  INFO((device ? "" : device.error().message));
  REQUIRE(device);
  return *std::move(device);
}

Lease whole_picture(const RenderSettings& settings) {
  Lease lease{1, {}};
  for (u32 tile = 0; tile < tile_count(settings); ++tile)
    lease.units.push_back({tile, 0, pass_count(settings)});
  return lease;
}

Film render_leases(Device& device, const RenderDataPtr& data, const std::vector<Lease>& leases) {
  ProgressCounter progress{0};
  REQUIRE(device.upload(0, data, {}, progress));
  return render_slot(device, 0, data->settings[0], leases);
}

Film render_slot(Device& device, std::uint32_t slot, const RenderSettings& settings,
                 const std::vector<Lease>& leases) {
  ProgressCounter progress{0};
  Film film(settings);
  for (const Lease& lease : leases) {
    const auto merge = [&film](const FilmContribution& contribution) { film.merge(contribution); };
    const Result<void> result = device.render(slot, lease, {}, progress, merge);
    INFO((result ? "" : result.error().message));
    REQUIRE(result);
  }
  CHECK(film.non_finite_samples() == 0);
  return film;
}

Film render_picture(Device& device, const RenderDataPtr& data) {
  return render_leases(device, data, {whole_picture(data->settings[0])});
}

Measured mean_radiance(const Scene& scene, CompileOptions options, unsigned repetitions) {
  return mean_radiance(scene, options, repetitions, [](RenderData&) {});
}

Measured mean_radiance(const Scene& scene, CompileOptions options, unsigned repetitions,
                       const std::function<void(RenderData&)>& change) {
  const std::unique_ptr<Device> device = cpu_device(1);
  double sum = 0, sum_of_squares = 0;
  for (unsigned i = 0; i < repetitions; ++i) {
    options.seed = 1000 + i;
    RenderData data = *compile_for_test(scene, options);
    change(data);
    const double value =
        mean_green(render_picture(*device, std::make_shared<const RenderData>(std::move(data))));
    sum += value;
    sum_of_squares += value * value;
  }
  const double n = repetitions;
  const double variance = std::max(0.0, (sum_of_squares - sum * sum / n) / (n - 1));
  return {sum / n, std::sqrt(variance / n)};
}

bool agrees(const Measured& measured, double truth, double systematic) {
  return measured.error < 0.01 * std::abs(truth) &&
         std::abs(measured.value - truth) <= 5 * measured.error + systematic * std::abs(truth);
}

}  // namespace oct::test
