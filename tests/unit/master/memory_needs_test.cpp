#include "master/memory_needs.hpp"

#include "render_data/render_data.hpp"
#include "support/catch.hpp"

using namespace oct;

TEST_CASE("what a render needs follows from what was asked for", "[master][memory]") {
  MasterConfig config;
  config.jobs.resize(1);
  RenderJob& job = config.jobs.front();
  job.scene.path = "tests/system/room.obj";
  job.scene.width = 64;
  CHECK_FALSE(film_memory_needs(job.scene));
  job.scene.height = 48;
  REQUIRE(film_memory_needs(job.scene));
  CHECK(film_memory_needs(job.scene)->width == 64);
  CHECK(film_memory_needs(job.scene)->height == 48);

  ThreadPool pool(1);
  ExitCode code = ExitCode::done;
  const auto scene = load_scene(job.scene, pool, code);
  REQUIRE(scene);
  config.devices.threads = 3;
  job.outputs.resize(2);
  config.watch.preview = "p.png";
  config.network.wait_for_slaves = 5;
  DevicePlan plan;
  plan.gpus.resize(2);
  MemoryNeeds needs = memory_needs(config, job, plan, *scene);
  CHECK(needs.width == 64);
  CHECK(needs.height == 48);
  CHECK(needs.scene_bytes == byte_size(*scene->data()));
  CHECK(needs.tree_triangles == scene->summary.triangles);
  CHECK(needs.wide_trees == 1);
  CHECK(needs.compact_trees == 1);  // one serves all GPUs
  CHECK(needs.cpu_threads == 3);
  CHECK(needs.local_devices == 2);
  CHECK(needs.slaves == 0);
  CHECK(needs.file_outputs == 2);
  CHECK(needs.watchers == 1);
  config.network.enable = config.no_local = true;
  needs = memory_needs(config, job, plan, *scene);
  CHECK(needs.compact_trees == 0);
  CHECK(needs.local_devices == 0);
  CHECK(needs.slaves == 5);

  const MemoryNeeds beside = with_frames_beside(needs);
  CHECK(beside.held_scene_bytes == needs.scene_bytes + 2 * 64 * 48 * 32);
  CHECK(beside.held_tree_triangles == needs.tree_triangles);
  CHECK(memory_budget(beside).bytes > memory_budget(needs).bytes);
}
