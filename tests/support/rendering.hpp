#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "compile/compile.hpp"
#include "device/device.hpp"
#include "film/film.hpp"

// Renders test scenes on CPU devices, and measures pictures.

namespace oct::test {

/// Compile options for a small picture.
CompileOptions picture(std::uint32_t width, std::uint32_t height, std::uint32_t samples,
                       std::uint32_t max_depth);

/// Fails the test when the scene does not compile.
RenderDataPtr compile_for_test(const Scene& scene, const CompileOptions& options);

std::unique_ptr<Device> cpu_device(std::uint32_t threads, CpuIsa isa = CpuIsa::automatic);

/// One lease of all units: each tile with all its passes as one sum.
Lease whole_picture(const RenderSettings& settings);

/// Uploads and renders these leases in this order into one film.
Film render_leases(Device& device, const RenderDataPtr& data, const std::vector<Lease>& leases);
Film render_picture(Device& device, const RenderDataPtr& data);
/// Renders these leases of the scene in a slot, which has these settings.
Film render_slot(Device& device, std::uint32_t slot, const RenderSettings& settings,
                 const std::vector<Lease>& leases);

/// A measured value and how sure it is: the standard error from independent repetitions.
struct Measured {
  double value = 0;
  double error = 0;
};

/// Mean radiance (of the green channel) over all pixels, from `repetitions` pictures with different seeds.
Measured mean_radiance(const Scene& scene, CompileOptions options, unsigned repetitions = 16);
/// The same for data changed by `change` after compilation.
Measured mean_radiance(const Scene& scene, CompileOptions options, unsigned repetitions,
                       const std::function<void(RenderData&)>& change);

/// Whether `measured` is `truth` up to its noise (5 standard errors) and a relative systematic error, and is
/// sure enough (error below 1 %) to say so.
bool agrees(const Measured& measured, double truth, double systematic = 1e-4);

}  // namespace oct::test
