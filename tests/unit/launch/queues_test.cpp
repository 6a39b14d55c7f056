// The GPU's driver, run by plain loops: what it computes does not depend on who executes it.
#include "launch/queue_driver.hpp"

#include <vector>

#include "base/thread_pool.hpp"
#include "device/bvh_builder.hpp"
#include "support/catch.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

/// Runs kernels here, forwards, backwards, or on several threads.
class HostExecutor {
 public:
  enum class Order { forwards, backwards, parallel };
  explicit HostExecutor(Order order, int rounds_until_stop = -1)
      : order_(order), rounds_left_(rounds_until_stop) {}

  bool stop_requested() { return rounds_left_-- == 0; }

  template <class Kernel>
  bool run(u32 count, const Kernel& kernel) {
    if (order_ == Order::parallel) {
      pool_.for_each(count, [&](std::size_t index) { kernel(static_cast<u32>(index)); });
    } else {
      for (u32 i = 0; i < count; ++i) kernel(order_ == Order::forwards ? i : count - 1 - i);
    }
    return true;
  }

  /// Each thread is a warp of its own.
  template <class Work>
  bool trace(u32 count, const Work& work, u32* next) {
    if (order_ == Order::parallel) {
      pool_.for_each(3, [&](std::size_t) { trace_stream(work, count, next); });
    } else {
      trace_stream(work, count, next);
    }
    return true;
  }

  bool reset_counts(QueueCounts* counts) {
    *counts = {};
    return true;
  }

  bool read_counts(QueueCounts* counts, QueueCounts& result) {
    result = *counts;
    return true;
  }

 private:
  Order order_;
  int rounds_left_;
  ThreadPool pool_{3};
};

struct Rendered {
  QueueOutcome outcome;
  Film film;
};

/// Each tile in two unit ranges, so that a group holds several of the same tile.
std::vector<UnitRange> split_units(const RenderSettings& settings) {
  std::vector<UnitRange> units;
  for (u32 tile = 0; tile < tile_count(settings); ++tile) {
    units.push_back({tile, 0, 1});
    units.push_back({tile, 1, pass_count(settings)});
  }
  return units;
}

Rendered render_by_queues(const RenderData& data, HostExecutor& executor, u32 capacity) {
  const RenderSettings& settings = data.settings[0];
  ThreadPool pool(1);
  ProgressCounter progress{0};
  BvhOptions options;
  options.compact = true;
  const HostBvh bvh = *HostBvh::build(data, pool, {}, progress, options);
  const std::vector<UnitRange> ranges = split_units(settings);
  std::vector<QueueUnit> units;
  u64 paths = 0, sum_count = 0;
  for (const UnitRange& range : ranges) {
    const SampleRange samples = samples_of(settings, range.first_pass, range.last_pass);
    const u64 pixels = pixel_count(tile_rect(settings, range.tile));
    units.push_back({range.tile, samples, 0, paths, sum_count});
    paths += pixels * (samples.last - samples.first);
    sum_count += pixels * kFilmChannels;
  }
  std::vector<i64> sums(sum_count, 0);
  std::vector<u64> non_finite(units.size(), 0);
  std::vector<std::max_align_t> block(QueueMemory(nullptr, capacity).byte_size() / sizeof(std::max_align_t) +
                                      1);
  const QueueGroup group{view_of(data), bvh.view(),  units.data(),      static_cast<u32>(units.size()),
                         paths,         sums.data(), non_finite.data(), false};
  Rendered result{render_group(executor, group, QueueMemory(block.data(), capacity), capacity),
                  Film(settings)};
  for (std::size_t i = 0; i < units.size(); ++i) {
    FilmContribution contribution{ranges[i], {}, non_finite[i]};
    const u64 end = i + 1 < units.size() ? units[i + 1].first_sum : sum_count;
    contribution.sums.assign(sums.begin() + static_cast<std::ptrdiff_t>(units[i].first_sum),
                             sums.begin() + static_cast<std::ptrdiff_t>(end));
    result.film.merge(contribution);
  }
  return result;
}

}  // namespace

TEST_CASE("queues render the film of the CPU device, whatever their size and order", "[launch]") {
  const RenderDataPtr data = compile_for_test(small_room(), picture(40, 24, 5, 6));
  const auto device = cpu_device(1);
  const Digest expected = render_picture(*device, data).hash();
  using Order = HostExecutor::Order;
  for (const Order order : {Order::forwards, Order::backwards, Order::parallel}) {
    for (const u32 capacity : {1u << 14, 777u, 16u}) {
      HostExecutor executor(order);
      const Rendered rendered = render_by_queues(*data, executor, capacity);
      CHECK(rendered.outcome == QueueOutcome::done);
      CHECK(rendered.film.hash() == expected);
      CHECK(rendered.film.non_finite_samples() == 0);
    }
  }
}

TEST_CASE("queues stop between two rounds", "[launch]") {
  const RenderDataPtr data = compile_for_test(small_room(), picture(40, 24, 5, 6));
  HostExecutor executor(HostExecutor::Order::forwards, 3);
  CHECK(render_by_queues(*data, executor, 1024).outcome == QueueOutcome::stopped);
}
