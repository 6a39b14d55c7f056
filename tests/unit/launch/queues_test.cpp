// The GPU's driver, run by plain loops: what it computes does not depend on who executes it, nor on how much room it
// has, nor on how its work is cut.
#include "launch/queues.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <thread>
#include <vector>

#include "base/thread_pool.hpp"
#include "device/bvh_builder.hpp"
#include "device/lease_stream.hpp"
#include "device/queue_sizes.hpp"
#include "device/unit_stream.hpp"
#include "support/catch.hpp"
#include "support/host_executor.hpp"
#include "support/host_queues.hpp"
#include "support/rendering.hpp"
#include "support/test_scenes.hpp"

using namespace oct;
using namespace oct::test;

namespace {

using Order = HostExecutor::Order;

/// A picture, and the film of the CPU device.
struct Expected {
  RenderDataPtr data = compile_for_test(small_room(), picture(40, 24, 5, 6));
  HostBvh bvh = tree_of(*data);
  Digest film = render_picture(*cpu_device(1), data).hash();

  const RenderSettings& settings() const { return data->settings[0]; }
  QueueScene scene() const { return {view_of(*data), bvh.view(), false}; }

  static HostBvh tree_of(const RenderData& data) {
    ThreadPool pool(1);
    ProgressCounter progress{0};
    BvhOptions options;
    options.compact = true;
    return *HostBvh::build(data, pool, {}, progress, options);
  }
};

const Expected& expected() {
  static const Expected value;
  return value;
}

/// Each tile in two unit ranges, so that several of the same tile are under way.
std::vector<UnitRange> split_units(const RenderSettings& settings) {
  std::vector<UnitRange> units;
  for (u32 tile = 0; tile < tile_count(settings); ++tile) {
    units.push_back({tile, 0, 1});
    units.push_back({tile, 1, pass_count(settings)});
  }
  return units;
}

std::vector<Lease> leases_of(const std::vector<UnitRange>& units, std::size_t each) {
  std::vector<Lease> leases;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (i % each == 0) leases.push_back({leases.size() + 1, {}});
    leases.back().units.push_back(units[i]);
  }
  return leases;
}

/// Leases from a list, what comes of them, and what the test does meanwhile.
class Leases final : public LeaseSource {
 public:
  explicit Leases(std::vector<Lease> leases) : leases_(std::move(leases)), stops_(leases_.size()) {}

  std::optional<LeaseJob> next() override {
    if (next_ == leases_.size()) return std::nullopt;
    const std::size_t index = next_++;
    const auto sink = [this, index](FilmContribution contribution) { take(index, std::move(contribution)); };
    const auto done = [this, index](Result<void> result) { answers.emplace_back(index, std::move(result)); };
    return LeaseJob{&leases_[index], stops_[index].get_token(), sink, done};
  }

  std::size_t taken() const { return next_; }
  void cancel(std::size_t index) { stops_[index].request_stop(); }

  std::function<void(std::size_t lease)> on_unit;  ///< called for each that comes
  std::vector<std::pair<std::size_t, Result<void>>> answers;
  std::map<std::size_t, std::vector<FilmContribution>> units;  ///< by the index of their lease

 private:
  void take(std::size_t index, FilmContribution contribution) {
    units[index].push_back(std::move(contribution));
    if (on_unit) on_unit(index);
  }

  std::vector<Lease> leases_;
  std::vector<std::stop_source> stops_;
  std::size_t next_ = 0;
};

/// The film of all that came, which fails the test where a unit came twice.
Digest film_of(const Leases& leases) {
  Film film(expected().settings());
  for (const auto& [lease, units] : leases.units) {
    for (const FilmContribution& unit : units) film.merge(unit);
  }
  CHECK(film.non_finite_samples() == 0);
  return film.hash();
}

/// A device that one batch keeps much longer than the others, as another program on the GPU does.
class SlowOnce final : public QueueMachine {
 public:
  SlowOnce(QueueMachine& machine, u64 batch) : machine_(machine), slow_(batch) {}
  const QueueSizes& sizes() const override { return machine_.sizes(); }
  std::span<QueueUnit> units() override { return machine_.units(); }
  Result<void> clear() override { return machine_.clear(); }
  Result<void> start(const QueueBatch& batch) override {
    least_paths = std::min(least_paths, batch.paths);
    return machine_.start(batch);
  }
  Result<BatchRecord> finish(u64 batch) override {
    if (batch == slow_) std::this_thread::sleep_for(std::chrono::milliseconds(400));
    return machine_.finish(batch);
  }
  Result<std::span<const CollectedUnit>> collect(u64 batch, u32 count) override {
    return machine_.collect(batch, count);
  }

  u32 least_paths = 0xffffffff;

 private:
  QueueMachine& machine_;
  u64 slow_;
};

u64 run(Leases& leases, HostExecutor& executor, const QueueSizes& sizes, u32 rounds = 0) {
  HostQueues<HostExecutor> machine(executor, expected().scene(), sizes);
  ProgressCounter progress{0};
  LeaseStream stream(machine, expected().settings(), leases, progress, RoundsAhead(rounds));
  stream.run();
  return stream.batch_count();
}

void check_all_answered(const Leases& leases, std::size_t count) {
  REQUIRE(leases.answers.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(leases.answers[i].first == i);
    CHECK(leases.answers[i].second);
  }
}

}  // namespace

TEST_CASE("queues render the film of the CPU device, whatever their size and order", "[launch]") {
  const std::vector<UnitRange> units = split_units(expected().settings());
  for (const Order order : {Order::forwards, Order::backwards, Order::parallel}) {
    for (const QueueSizes& sizes : {QueueSizes{1u << 14, 64, 64, 64}, QueueSizes{777, 5, 8, 2},
                                    QueueSizes{16, 1, 1, 1}, queue_sizes(256)}) {
      HostExecutor executor(order);
      Leases leases({{1, units}});
      run(leases, executor, sizes, 3);
      check_all_answered(leases, 1);
      CHECK(film_of(leases) == expected().film);
    }
  }
}

TEST_CASE("leases follow each other without a gap, and are answered in their order", "[launch]") {
  const std::vector<UnitRange> units = split_units(expected().settings());
  for (const std::size_t each : {1u, 2u, 5u}) {
    for (const u32 rounds : {0u, 1u, 7u}) {
      HostExecutor executor(Order::forwards);
      Leases leases(leases_of(units, each));
      std::size_t most_ahead = 0;
      leases.on_unit = [&](std::size_t lease) { most_ahead = std::max(most_ahead, leases.taken() - lease); };
      run(leases, executor, {2000, 8, 16, 3}, rounds);
      check_all_answered(leases, (units.size() + each - 1) / each);
      CHECK(film_of(leases) == expected().film);
      CHECK(most_ahead >= 2);  // one was taken before the former had ended
    }
  }
}

TEST_CASE("queues stay full while there are units", "[launch]") {
  HostExecutor executor(Order::forwards);
  Leases leases(leases_of(split_units(expected().settings()), 3));
  constexpr u32 kPaths = 500;
  run(leases, executor, {kPaths, 16, 16, 16}, 4);
  // all rounds but the first one, which the last paths of all leases follow
  const std::vector<u32>& traced = executor.traced_paths();
  const auto last_full = std::find_if(traced.rbegin(), traced.rend(), [](u32 n) { return n == kPaths; });
  REQUIRE(last_full != traced.rend());
  const auto full = std::count(traced.begin(), last_full.base(), kPaths);
  CHECK(full == last_full.base() - traced.begin());
  CHECK(full > 8);
}

TEST_CASE("the host waits once for several rounds", "[launch]") {
  const std::vector<UnitRange> units = split_units(expected().settings());
  HostExecutor executor(Order::forwards);
  Leases leases({{1, units}});
  const u64 waits = run(leases, executor, {500, 64, 64, 64}, 4);
  CHECK(waits * 4 <= executor.traced_paths().size() + 4);
}

TEST_CASE("no path is lost when fewer are let under way than there were", "[launch]") {
  // A device with few paths is held up, when a batch with many is already behind.
  constexpr u32 kPaths = 1000;
  const std::vector<UnitRange> units = split_units(expected().settings());
  u32 least_paths = kPaths;
  for (std::size_t few = 1; few <= 3; ++few) {
    for (const u64 slow : {1u, 2u, 3u}) {
      HostExecutor executor(Order::forwards);
      HostQueues<HostExecutor> queues(executor, expected().scene(), {kPaths, 64, 64, 64});
      SlowOnce machine(queues, slow);
      UnitStream stream(machine, expected().settings(), RoundsAhead(0, 1));
      REQUIRE(stream.clear());
      std::size_t next = 0, out = 0;
      for (u64 turn = 0; out < units.size() && turn < 3000; ++turn) {
        for (; next < units.size() && stream.is_hungry() && (turn >= slow || next < few); ++next) {
          const UnitRange& range = units[units.size() - 1 - next];
          stream.add(range.tile, samples_of(expected().settings(), range.first_pass, range.last_pass), next);
        }
        REQUIRE(stream.advance([&](const FinishedUnit&) { ++out; }));
      }
      CHECK(out == units.size());
      least_paths = std::min(least_paths, machine.least_paths);
    }
  }
  CHECK(least_paths < kPaths);  // else nothing was tried
}

TEST_CASE("a cancelled lease leaves those beside it whole", "[launch]") {
  const std::vector<UnitRange> units = split_units(expected().settings());
  const std::size_t half = units.size() / 2;
  for (const std::size_t cancelled : {0u, 1u, 2u}) {
    HostExecutor executor(Order::forwards);
    // the second lease is what remains when another one, of the same units, is cancelled
    std::vector<Lease> list = {{1, {units.begin(), units.begin() + static_cast<std::ptrdiff_t>(half)}},
                               {2, {units.begin() + static_cast<std::ptrdiff_t>(half), units.end()}}};
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(cancelled), Lease{3, units});
    Leases leases(list);
    std::size_t seen = 0;
    leases.on_unit = [&](std::size_t) {
      if (++seen == 2) leases.cancel(cancelled);
    };
    run(leases, executor, {700, 8, 16, 3}, 2);
    REQUIRE(leases.answers.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(leases.answers[i].first == i);
      CHECK(static_cast<bool>(leases.answers[i].second) == (i != cancelled));
    }
    CHECK(leases.answers[cancelled].second.error().kind == ErrorKind::cancelled);
    CHECK(leases.units[cancelled].size() < units.size());
    leases.units.erase(cancelled);
    CHECK(film_of(leases) == expected().film);
  }
}

TEST_CASE("a lease of units that do not exist is refused in its turn", "[launch]") {
  const std::vector<UnitRange> units = split_units(expected().settings());
  HostExecutor executor(Order::forwards);
  Leases leases({{1, units}, {2, {{1000, 0, 1}}}, {3, {}}});
  run(leases, executor, queue_sizes(1000), 2);
  REQUIRE(leases.answers.size() == 3);
  CHECK(leases.answers[0].second);
  CHECK(leases.answers[1].second.error().kind == ErrorKind::invalid_input);
  CHECK(leases.answers[2].second);
  CHECK(film_of(leases) == expected().film);
}

TEST_CASE("when the device fails, all leases under way are answered so", "[launch]") {
  const std::vector<UnitRange> units = split_units(expected().settings());
  HostExecutor executor(Order::forwards);
  executor.fail_after(20);
  Leases leases(leases_of(units, 4));
  run(leases, executor, {4000, 64, 64, 64}, 1);
  REQUIRE(leases.answers.size() == leases.taken());
  CHECK_FALSE(leases.answers.back().second);
  CHECK(leases.answers.back().second.error().kind == ErrorKind::unavailable);
}

TEST_CASE("queues begin anew after what went wrong", "[launch]") {
  const std::vector<UnitRange> units = split_units(expected().settings());
  HostExecutor executor(Order::forwards);
  HostQueues<HostExecutor> machine(executor, expected().scene(), {700, 8, 16, 3});
  ProgressCounter progress{0};
  struct Thrown {};
  Leases interrupted({{1, units}});
  interrupted.on_unit = [](std::size_t) { throw Thrown(); };
  const auto start = [&](Leases& leases) {
    LeaseStream(machine, expected().settings(), leases, progress, RoundsAhead(2)).run();
  };
  CHECK_THROWS_AS(start(interrupted), Thrown);
  Leases leases({{1, units}});
  start(leases);
  check_all_answered(leases, 1);
  CHECK(film_of(leases) == expected().film);
}
