#include "render/render_worker.hpp"

#include <condition_variable>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace oct;

namespace {

/// A device whose leases do what their id says; see render().
class FakeDevice : public Device {
 public:
  static constexpr std::uint64_t kFails = 100, kThrows = 101, kRunsOutOfMemory = 102, kWaitsForCancel = 103;

  const DeviceInfo& info() const override { return info_; }

  Result<void> upload(RenderDataPtr data, std::stop_token, ProgressCounter& progress) override {
    ++progress;
    if (data == nullptr) return fail(ErrorKind::exhausted, "the scene does not fit");
    return {};
  }

  Result<void> render(const Lease& lease, std::stop_token stop, ProgressCounter& progress,
                      const ContributionSink& sink) override {
    if (lease.id == kFails) return fail(ErrorKind::internal, "the device is broken");
    if (lease.id == kThrows) throw std::runtime_error("thrown");
    if (lease.id == kRunsOutOfMemory) throw std::bad_alloc();
    for (const UnitRange& units : lease.units) {
      ++progress;
      sink({units, {}, 0});
    }
    if (lease.id != kWaitsForCancel) return {};
    std::mutex mutex;
    std::condition_variable_any cancelled;
    std::unique_lock lock(mutex);
    cancelled.wait(lock, stop, [] { return false; });
    return fail(ErrorKind::cancelled, "cancelled");
  }

  Result<void> trace(std::span<const Ray>, std::span<Hit>) override { return {}; }

 private:
  DeviceInfo info_{DeviceKind::cpu, 0, "fake", 0, 1};
};

/// Collects events as short texts and lets the test wait for them.
class Events {
 public:
  RenderEventSink sink() {
    return [this](RenderEvent event) {
      const std::lock_guard lock(mutex_);
      texts_.push_back(std::visit([](const auto& value) { return text(value); }, event));
      changed_.notify_all();
    };
  }

  /// The first `count` events, once there are so many.
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return texts_.size() >= count; });
    return texts_;
  }

 private:
  static std::string text(const Result<void>& result) {
    return result ? "ok" : to_string(result.error().kind);
  }
  static std::string text(const UploadDone& e) {
    return "upload " + std::to_string(e.upload_id) + " " + text(e.result);
  }
  static std::string text(const LeaseDone& e) {
    return "lease " + std::to_string(e.lease_id) + " " + text(e.result);
  }
  static std::string text(const ContributionReady& e) {
    return "units " + std::to_string(e.lease_id) + "/" + std::to_string(e.contribution.units.tile);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> texts_;
};

using Texts = std::vector<std::string>;

RenderDataPtr some_data() {
  return std::make_shared<const RenderData>();
}

}  // namespace

TEST_CASE("a worker renders uploads and leases in the order they came", "[render]") {
  Events events;
  RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
  REQUIRE(worker.upload(1, some_data()));
  REQUIRE(worker.render({7, {{3, 0, 1}, {4, 0, 1}}}));
  REQUIRE(worker.upload(2, some_data()));
  REQUIRE(worker.render({8, {{5, 0, 2}}}));
  CHECK(events.wait_for(7) == Texts{"upload 1 ok", "units 7/3", "units 7/4", "lease 7 ok", "upload 2 ok",
                                    "units 8/5", "lease 8 ok"});
  CHECK(worker.progress() >= 5);
  CHECK(worker.info().name == "fake");
}

TEST_CASE("errors and exceptions of a device come out as values", "[render]") {
  Events events;
  RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
  REQUIRE(worker.upload(1, some_data()));
  REQUIRE(worker.render({FakeDevice::kFails, {}}));
  REQUIRE(worker.render({FakeDevice::kThrows, {}}));
  REQUIRE(worker.render({FakeDevice::kRunsOutOfMemory, {}}));
  REQUIRE(worker.render({1, {}}));
  const Texts texts = events.wait_for(5);
  const std::string internal = to_string(ErrorKind::internal);
  const std::string exhausted = to_string(ErrorKind::exhausted);
  CHECK(texts == Texts{"upload 1 ok", "lease 100 " + internal, "lease 101 " + internal,
                       "lease 102 " + exhausted, "lease 1 ok"});
}

TEST_CASE("leases without a scene are answered with the reason", "[render]") {
  Events events;
  RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
  REQUIRE(worker.render({1, {}}));
  REQUIRE(worker.upload(1, nullptr));
  REQUIRE(worker.render({2, {}}));
  const std::string unavailable = to_string(ErrorKind::unavailable);
  const std::string exhausted = to_string(ErrorKind::exhausted);
  CHECK(events.wait_for(3) ==
        Texts{"lease 1 " + unavailable, "upload 1 " + exhausted, "lease 2 " + exhausted});
}

TEST_CASE("a lease can be cancelled while it runs or waits", "[render]") {
  Events events;
  RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
  REQUIRE(worker.upload(1, some_data()));
  REQUIRE(worker.render({FakeDevice::kWaitsForCancel, {{9, 0, 1}}}));
  REQUIRE(worker.render({5, {{1, 0, 1}}}));
  REQUIRE(worker.render({6, {{2, 0, 1}}}));
  events.wait_for(2);  // the first lease runs
  CHECK(worker.busy());
  worker.cancel_lease(5);
  worker.cancel_lease(FakeDevice::kWaitsForCancel);
  worker.cancel_lease(77);
  const std::string cancelled = to_string(ErrorKind::cancelled);
  CHECK(events.wait_for(6) == Texts{"upload 1 ok", "units 103/9", "lease 103 " + cancelled,
                                    "lease 5 " + cancelled, "units 6/2", "lease 6 ok"});
}

TEST_CASE("the queue of a worker is bounded and its end answers every job", "[render]") {
  Events events;
  std::size_t accepted = 0;
  {
    RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
    REQUIRE(worker.upload(1, some_data()));
    REQUIRE(worker.render({FakeDevice::kWaitsForCancel, {{9, 0, 1}}}));
    events.wait_for(2);
    while (worker.render({++accepted, {}})) CHECK(accepted < 100);
    --accepted;
    CHECK(accepted == RenderWorker::kMaxQueuedJobs);
  }
  const Texts texts = events.wait_for(0);
  CHECK(texts.size() == 3 + accepted);
  CHECK(texts.back() == "lease " + std::to_string(accepted) + " " + to_string(ErrorKind::cancelled));
}
