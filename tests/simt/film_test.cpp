// The GPU's compiled code, run on the CPU: its film is the CPU's, bit for bit.
#include <algorithm>

#include "base/float_mode.hpp"
#include "device/canary.hpp"
#include "launch/canary.hpp"
#include "simt/measured_scene.hpp"
#include "simt/ptx_files.hpp"
#include "simt/queue_film.hpp"
#include "simt/simt_executor.hpp"
#include "support/a_scene.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// Fewer paths than there are: places are filled again, warps are never full at the end. Fewer places than units.
constexpr QueueSizes kSizes{333, 3, 8, 2};

/// Every tile of the picture, in two parts, so that the group has several units of the same tile.
std::vector<simt::TileSamples> all_samples(const RenderSettings& settings) {
  std::vector<simt::TileSamples> work;
  for (u32 tile = 0; tile < tile_count(settings); ++tile) {
    work.push_back({tile, {0, 1}});
    work.push_back({tile, {1, settings.samples_per_pixel}});
  }
  return work;
}

/// A picture, and what the CPU makes of it.
struct Expected {
  RenderDataPtr data;
  HostBvh bvh;
  std::vector<simt::TileSamples> work;
  std::vector<simt::TileSums> film;
};

Expected expected_of(const RenderDataPtr& data) {
  set_float_mode();
  Expected expected{data, simt::both_trees(*data), all_samples(data->settings[0]), {}};
  expected.film = simt::render_by_cpu(*data, expected.bvh.view(), expected.work);
  return expected;
}

std::vector<simt::TileSums> film_by(simt::GpuCode& code, const Expected& expected) {
  return simt::render_by_gpu_code(code, *expected.data, expected.bvh.view(), expected.work, kSizes).tiles;
}

void check_film(const Scene& scene, const CompileOptions& options, simt::MachineOptions machine = {}) {
  const Expected expected = expected_of(compile_for_test(scene, options));
  simt::GpuCode code(simt::product_ptx(), machine);
  const std::vector<simt::TileSums> film = film_by(code, expected);
  bool lit = false;
  for (std::size_t i = 0; i < film.size(); ++i) {
    CHECK(film[i] == expected.film[i]);
    for (const i64 sum : film[i].sums) lit |= sum != 0;
  }
  CHECK(lit);
}

/// Multiplications of floats that shading executed, those of most lanes first. Not those of the walk: boxes that are too
/// large change no hit.
std::vector<simt::Statement*> shading_products(std::vector<simt::PtxText>& texts, simt::GpuCode& code) {
  const simt::GpuCode::Kernel kernel = code.kernel("10ShadePathsE");
  const std::string& file = kernel.program->text().name;
  const auto text =
      std::find_if(texts.begin(), texts.end(), [&](const auto& each) { return each.name == file; });
  std::vector<std::pair<u64, simt::Statement*>> found;
  for (std::size_t f = 0; f < kernel.counts->functions.size(); ++f) {
    const std::vector<simt::InstructionCount>& counts = kernel.counts->functions[f];
    for (std::size_t i = 0; i < counts.size(); ++i) {
      simt::Statement& statement = text->functions[f].statements[i];
      if (statement.opcode == "mul.rn.f32") found.emplace_back(counts[i].lanes, &statement);
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<simt::Statement*> statements;
  for (const auto& [lanes, statement] : found) statements.push_back(statement);
  return statements;
}

/// Two balls and a lamp in the open, nothing of which lets light through.
Scene opaque_scene() {
  Scene scene;
  add_object(scene, make_quad({0, 0, 0}, {0, 0, 5}, {5, 0, 0}), matte({0.7f, 0.7f, 0.7f}));
  add_object(scene, make_sphere(0.8f, 2, true), metal({0.9f, 0.6f, 0.3f}, 0.2f));
  add_object(scene, make_quad({1, 3, 0}, {0.5f, 0, 0}, {0, 0, 0.5f}), emitter({20, 20, 20}));
  for (SceneMaterial& material : scene.materials) material.double_sided = true;
  scene.instances[1].world_from_object = moved(-1, 1, 0);
  scene.instances.push_back(scene.instances[1]);
  scene.instances.back().world_from_object = moved(1, 1, -1, 0.7f);
  scene.environment = constant_environment(0.3f);
  scene.cameras.push_back(look_at({0, 2, 6}, {0, 1, 0}, {0, 1, 0}, 40));
  return scene;
}

/// The same with meshes of instances kept apart, or with all of them in one tree.
RenderDataPtr with_instances(const Scene& scene, bool apart) {
  RenderData data = *compile_for_test(scene, picture(16, 12, 2, 5));
  for (Instance& instance : data.instances.edit())
    instance.flags = (instance.flags & ~u32{kInstanceBaked}) | (apart ? 0u : u32{kInstanceBaked});
  return std::make_shared<const RenderData>(std::move(data));
}

}  // namespace

TEST_CASE("the GPU's code renders a room of everything as the CPU does", "[simt]") {
  check_film(small_room(), picture(18, 12, 3, 6));
}

TEST_CASE("the GPU's code renders layered materials as the CPU does", "[simt]") {
  check_film(layered_room(), picture(18, 12, 3, 6));
}

TEST_CASE("the GPU's code renders instances, lamps, textures and an environment as the CPU does", "[simt]") {
  check_film(a_scene(), picture(16, 12, 2, 5));
}

TEST_CASE("the GPU's kernels for each kind of scene render it as the CPU does", "[simt]") {
  simt::GpuCode code(simt::product_ptx(), {});
  for (const bool opaque : {false, true}) {
    for (const bool apart : {false, true}) {
      const Expected expected = expected_of(with_instances(opaque ? opaque_scene() : small_room(), apart));
      INFO("opaque " << opaque << ", instances apart " << apart);
      CHECK(film_by(code, expected) == expected.film);
    }
  }
  const auto ran = [&](const std::string& name) {
    return std::count_if(code.known().begin(), code.known().end(),
                         [&](const auto& each) { return each.first.find(name) != std::string::npos; });
  };
  CHECK(ran("10TracePaths") == 2);    // with and without instances
  CHECK(ran("12TraceShadows") == 4);  // and whether everything blocks
}

TEST_CASE("blocks of the GPU's code may run in any order and take turns", "[simt]") {
  simt::MachineOptions machine;
  machine.resident_blocks = 3;
  machine.turn = 100;
  machine.seed = 7;
  check_film(small_room(), picture(12, 8, 2, 4), machine);
}

TEST_CASE("the GPU's code computes the canary's arithmetic as the CPU does", "[simt]") {
  set_float_mode();
  const std::vector<u32> inputs = canary_inputs();
  std::vector<u32> by_gpu(std::size_t{kCanaryInputs} * kCanaryFunctions), by_cpu = by_gpu;
  simt::GpuCode code(simt::product_ptx(), {});
  simt::SimtExecutor executor(code);
  executor.run(kCanaryInputs, CanaryMaths{inputs.data(), by_gpu.data()});
  cpu_kernels_x64().canary_maths(inputs.data(), by_cpu.data());
  for (std::size_t i = 0; i < by_cpu.size(); ++i) {
    INFO("function " << i % kCanaryFunctions << " of input " << inputs[i / kCanaryFunctions]);
    CHECK(by_gpu[i] == by_cpu[i]);
  }
}

TEST_CASE("one wrong instruction shows in the film", "[simt]") {
  const Expected expected = expected_of(compile_for_test(small_room(), picture(12, 8, 2, 4)));
  std::vector<simt::PtxText> texts;
  for (const std::string& file : simt::product_ptx()) texts.push_back(simt::read_ptx(file));
  simt::GpuCode code(texts, {});
  REQUIRE(film_by(code, expected) == expected.film);
  const std::vector<simt::Statement*> products = shading_products(texts, code);
  REQUIRE(products.size() > 1000);
  int seen = 0;
  constexpr int kTried = 6;
  for (int i = 0; i < kTried; ++i) {
    simt::Statement& statement = *products[static_cast<std::size_t>(i) * 30];
    statement.opcode = "add.rn.f32";
    simt::GpuCode wrong(texts, {});
    seen += film_by(wrong, expected) != expected.film;
    statement.opcode = "mul.rn.f32";
  }
  CHECK(seen >= kTried - 1);  // one may have had no say
}
