// octane_simt: what a sample costs on a GPU, counted on the CPU.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cxxopts.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/float_mode.hpp"
#include "device/queue_sizes.hpp"
#include "simt/fault.hpp"
#include "simt/file_scene.hpp"
#include "simt/measured_scene.hpp"
#include "simt/meter.hpp"
#include "simt/ptx_files.hpp"

namespace {

using namespace oct;
using simt::Fault;

cxxopts::Options command_line() {
  cxxopts::Options options(
      "octane_simt",
      "Renders a few tiles by the GPU's compiled kernels, run on the CPU in lockstep, and prints what "
      "they cost.\nSCENE is a file, or one of: room, layers, everything, budget (the picture that budgets "
      "are about).\n");
  options.positional_help("SCENE").add_options()("scene", "", cxxopts::value<std::string>())(
      "environment", "Environment image, .hdr or .exr", cxxopts::value<std::string>())(
      "environment-power", "Factor of its radiance", cxxopts::value<float>())(
      "position", "Of a camera in place of the scene's, as X,Y,Z", cxxopts::value<std::string>())(
      "target", "What it looks at, as X,Y,Z", cxxopts::value<std::string>())(
      "fov", "Its horizontal field of view, degrees", cxxopts::value<float>())(
      "width", "Pixels", cxxopts::value<u32>()->default_value("640"))(
      "height", "Pixels", cxxopts::value<u32>()->default_value("360"))(
      "max-depth", "Most bounces", cxxopts::value<u32>()->default_value("16"))(
      "tiles", "Tiles, spread over the picture", cxxopts::value<u32>()->default_value("8"))(
      "samples", "Samples of each pixel", cxxopts::value<u32>()->default_value("6"))(
      "first-sample", "Number of the first one", cxxopts::value<u32>()->default_value("1024"))(
      "together", "Render all tiles as one group, not one after the other")(
      "paths", "Paths under way; fewer than samples: places are filled again. 0 = as many",
      cxxopts::value<u32>()->default_value("0"))(
      "ptx", "PTX to run instead of the build's: FILE or FILE:FILE", cxxopts::value<std::string>())(
      "seed", "Order of blocks; 0 = their own", cxxopts::value<u32>()->default_value("5"))(
      "lines", "Print so many of the most expensive source lines",
      cxxopts::value<std::size_t>()->default_value("0"))("json", "Write all counts to FILE",
                                                         cxxopts::value<std::string>())(
      "unchecked", "Do not render the same by the CPU's kernels to compare")("help", "Print this");
  options.parse_positional({"scene"});
  return options;
}

std::array<float, 3> triple(const std::string& option, const std::string& text) {
  std::array<float, 3> values;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%f,%f,%f%c", &values[0], &values[1], &values[2], &rest) != 3)
    throw Fault(
        fmt::format("--{} {}: three numbers with commas between them are wanted, as 1,2.5,-3", option, text));
  return values;
}

simt::FileScene file_scene(const cxxopts::ParseResult& given) {
  simt::FileScene scene;
  scene.path = given["scene"].as<std::string>();
  scene.options.width = given["width"].as<u32>();
  scene.options.height = given["height"].as<u32>();
  scene.options.max_depth = given["max-depth"].as<u32>();
  scene.options.samples_per_pixel = given["first-sample"].as<u32>() + given["samples"].as<u32>();
  if (given.count("environment") != 0) scene.environment = given["environment"].as<std::string>();
  if (given.count("environment-power") != 0) scene.environment_power = given["environment-power"].as<float>();
  if (given.count("position") != 0) scene.eye = triple("position", given["position"].as<std::string>());
  if (given.count("target") != 0) scene.target = triple("target", given["target"].as<std::string>());
  if (given.count("fov") != 0) scene.fov_degrees = given["fov"].as<float>();
  return scene;
}

simt::MeasuredScene load(const cxxopts::ParseResult& given) {
  const std::string name = given["scene"].as<std::string>();
  if (name == "budget") return simt::budget_scene();
  simt::MeasuredScene scene;
  scene.data = simt::own_scene(name, given["width"].as<u32>(), given["height"].as<u32>());
  if (!scene.data) scene.data = simt::load_file_scene(file_scene(given));
  scene.work = simt::spread_tiles(scene.data->settings[0], given["tiles"].as<u32>(),
                                  given["first-sample"].as<u32>(), given["samples"].as<u32>());
  return scene;
}

/// Renders by the GPU's code, tile by tile or together; false when the CPU's film differs.
///   waits  counts how often the host waited
bool render(simt::GpuCode& code, const simt::MeasuredScene& scene, const cxxopts::ParseResult& given,
            u64* waits) {
  const HostBvh bvh = simt::both_trees(*scene.data);
  std::vector<std::vector<simt::TileSamples>> groups;
  if (given.count("together") != 0) {
    groups.push_back(scene.work);
  } else {
    for (const simt::TileSamples& part : scene.work) groups.push_back({part});
  }
  std::size_t different = 0;
  for (const auto& work : groups) {
    simt::MeasuredScene group{scene.data, work};
    const u32 paths = given["paths"].as<u32>();
    const QueueSizes sizes = queue_sizes(paths != 0 ? paths : static_cast<u32>(group.sample_count()));
    const simt::GpuFilm by_gpu = simt::render_by_gpu_code(code, *scene.data, bvh.view(), work, sizes);
    *waits += by_gpu.waits;
    if (given.count("unchecked") != 0) continue;
    const auto by_cpu = simt::render_by_cpu(*scene.data, bvh.view(), work);
    for (std::size_t i = 0; i < by_cpu.size(); ++i) different += by_gpu.tiles[i] != by_cpu[i];
  }
  if (given.count("unchecked") == 0)
    fmt::print("film: {}\n", different == 0 ? "the bits of the CPU's"
                                            : fmt::format("{} of {} tiles DIFFER from the CPU's", different,
                                                          scene.work.size()));
  return different == 0;
}

void print_lines(const simt::GpuCode& code, std::size_t count, u64 samples) {
  if (count == 0) return;
  fmt::print("\n{:<44}{:>12}{:>8}\n", "line", "warp instr.", "lanes");
  for (const simt::LineMeter& line : simt::measure_lines(code, count))
    fmt::print("{:<44}{:>12.2f}{:>7.1f}%\n", line.place, line.instructions / static_cast<double>(samples),
               100 * line.active_lanes);
}

int run(const cxxopts::ParseResult& given) {
  set_float_mode();
  simt::MachineOptions machine;
  machine.seed = given["seed"].as<u32>();
  simt::GpuCode code(simt::files_in(given.count("ptx") != 0 ? given["ptx"].as<std::string>() : OCT_SIMT_PTX),
                     machine);
  const simt::MeasuredScene scene = load(given);
  const auto begin = std::chrono::steady_clock::now();
  u64 waits = 0;
  const bool equal = render(code, scene, given, &waits);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const u64 samples = scene.sample_count();
  const std::vector<simt::KernelMeter> kernels = simt::measure(code);
  fmt::print("{} samples in {} tiles, {:.1f} s\n{}", samples, scene.work.size(), took.count(),
             simt::table_of(kernels, samples));
  fmt::print("the host waited {} times\n", waits);
  print_lines(code, given["lines"].as<std::size_t>(), samples);
  if (given.count("json") != 0) {
    std::ofstream file(given["json"].as<std::string>());
    file << simt::json_of(kernels, samples);
    if (!file.flush()) throw Fault(fmt::format("{}: cannot be written", given["json"].as<std::string>()));
  }
  return equal ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  cxxopts::Options options = command_line();
  try {
    const cxxopts::ParseResult given = options.parse(argc, argv);
    if (given.count("help") != 0 || given.count("scene") == 0) {
      std::cout << options.help();
      return given.count("help") != 0 ? 0 : 2;
    }
    return run(given);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 2;
  }
}
