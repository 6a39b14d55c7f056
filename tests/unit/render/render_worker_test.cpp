#include "render/render_worker.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace oct;

namespace {

/// A device whose leases do what their id says; see render().
class FakeDevice : public Device {
 public:
  static constexpr std::uint64_t kFails = 100, kThrows = 101, kRunsOutOfMemory = 102, kWaitsForCancel = 103,
                                 kRunsOutOfThreads = 104, kAsksForTooMuch = 105;

  explicit FakeDevice(std::function<void(std::string)> note = nullptr) : note_(std::move(note)) {}

  /// A scene whose upload takes until it is cancelled.
  static RenderDataPtr endless_scene() {
    static const RenderDataPtr scene = std::make_shared<const RenderData>();
    return scene;
  }

  const DeviceInfo& info() const override { return info_; }

  Result<void> upload(std::uint32_t, RenderDataPtr data, std::stop_token stop,
                      ProgressCounter& progress) override {
    ++progress;
    if (data == endless_scene()) return wait_for(stop);
    if (data == nullptr) return fail(ErrorKind::exhausted, "the scene does not fit");
    return {};
  }

  Result<void> render(std::uint32_t, const Lease& lease, std::stop_token stop, ProgressCounter& progress,
                      const ContributionSink& sink) override {
    if (lease.id == kFails) return fail(ErrorKind::internal, "the device is broken");
    if (lease.id == kThrows) throw std::runtime_error("thrown");
    if (lease.id == kRunsOutOfMemory) throw std::bad_alloc();
    if (lease.id == kRunsOutOfThreads) throw std::system_error(EAGAIN, std::generic_category());
    if (lease.id == kAsksForTooMuch) throw std::length_error("vector");
    for (const UnitRange& units : lease.units) {
      ++progress;
      sink({units, {}, 0});
    }
    return lease.id == kWaitsForCancel ? wait_for(stop) : Result<void>();
  }

  Result<Digest> canary(std::stop_token) override {
    if (note_) return fail(ErrorKind::internal, "a device with another kernel");
    return sha256({});
  }

  void release(std::uint32_t slot) override {
    if (note_) note_("release " + std::to_string(slot));
  }

  Result<void> trace(std::uint32_t, std::span<const Ray>, std::span<Hit>) override { return {}; }

 private:
  static Result<void> wait_for(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any cancelled;
    std::unique_lock lock(mutex);
    cancelled.wait(lock, stop, [] { return false; });
    return fail(ErrorKind::cancelled, "cancelled");
  }

  std::function<void(std::string)> note_;
  DeviceInfo info_{DeviceKind::cpu, 0, "fake", 0, 1};
};

/// A device that takes all leases that it can get until somebody opens its gate, then answers them.
class EagerDevice final : public FakeDevice {
 public:
  EagerDevice(std::atomic<bool>& gate, std::function<void(std::string)> note)
      : gate_(gate), note_(std::move(note)) {}

  void render_leases(std::uint32_t, LeaseSource& source, ProgressCounter&) override {
    std::vector<LeaseJob> jobs;
    for (bool was_open = false; !was_open;) {
      was_open = gate_;
      while (std::optional<LeaseJob> job = source.next()) {
        note_("begin " + std::to_string(job->lease->id));
        if (job->lease->id == kThrows) throw std::runtime_error("thrown");
        jobs.push_back(*std::move(job));
      }
      if (!was_open) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    for (const LeaseJob& job : jobs) job.done({});
  }

 private:
  std::atomic<bool>& gate_;
  std::function<void(std::string)> note_;
};

/// Collects events as short texts and lets the test wait for them.
class Events {
 public:
  RenderEventSink sink() {
    return
        [this](RenderEvent event) { note(std::visit([](const auto& value) { return text(value); }, event)); };
  }

  void note(std::string text) {
    const std::lock_guard lock(mutex_);
    texts_.push_back(std::move(text));
    changed_.notify_all();
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

/// A worker with an eager device, which notes what it begins.
struct EagerRig {
  Events events;
  std::atomic<bool> gate{false};
  RenderWorker worker{
      std::make_unique<EagerDevice>(gate, [this](std::string text) { events.note(std::move(text)); }),
      events.sink()};
};

}  // namespace

TEST_CASE("a worker renders uploads and leases in the order they came", "[render]") {
  Events events;
  RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
  REQUIRE(worker.upload(0, 1, some_data()));
  REQUIRE(worker.render(0, {7, {{3, 0, 1}, {4, 0, 1}}}));
  REQUIRE(worker.upload(0, 2, some_data()));
  REQUIRE(worker.render(0, {8, {{5, 0, 2}}}));
  CHECK(events.wait_for(7) == Texts{"upload 1 ok", "units 7/3", "units 7/4", "lease 7 ok", "upload 2 ok",
                                    "units 8/5", "lease 8 ok"});
  CHECK(worker.progress() >= 5);
  CHECK(worker.info().name == "fake");
}

TEST_CASE("a worker tells the digest of its device's canary, or why there is none", "[render]") {
  const RenderWorker good(std::make_unique<FakeDevice>(), [](RenderEvent) {});
  CHECK(good.canary().value() == sha256({}));
  CHECK(good.canary().value() == sha256({}));
  const RenderWorker bad(std::make_unique<FakeDevice>([](std::string) {}), [](RenderEvent) {});
  REQUIRE_FALSE(bad.canary());
  CHECK(bad.canary().error().kind == ErrorKind::internal);
}

TEST_CASE("errors and exceptions of a device come out as values", "[render]") {
  Events events;
  RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
  REQUIRE(worker.upload(0, 1, some_data()));
  REQUIRE(worker.render(0, {FakeDevice::kFails, {}}));
  REQUIRE(worker.render(0, {FakeDevice::kThrows, {}}));
  REQUIRE(worker.render(0, {FakeDevice::kRunsOutOfMemory, {}}));
  REQUIRE(worker.render(0, {FakeDevice::kRunsOutOfThreads, {}}));
  REQUIRE(worker.render(0, {FakeDevice::kAsksForTooMuch, {}}));
  REQUIRE(worker.render(0, {1, {}}));
  const Texts texts = events.wait_for(7);
  const std::string internal = to_string(ErrorKind::internal);
  const std::string exhausted = to_string(ErrorKind::exhausted);
  CHECK(texts == Texts{"upload 1 ok", "lease 100 " + internal, "lease 101 " + internal,
                       "lease 102 " + exhausted, "lease 104 " + exhausted, "lease 105 " + exhausted,
                       "lease 1 ok"});
}

TEST_CASE("leases without a scene are answered with the reason", "[render]") {
  Events events;
  RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
  REQUIRE(worker.render(0, {1, {}}));
  REQUIRE(worker.upload(0, 1, nullptr));
  REQUIRE(worker.render(0, {2, {}}));
  const std::string unavailable = to_string(ErrorKind::unavailable);
  const std::string exhausted = to_string(ErrorKind::exhausted);
  CHECK(events.wait_for(3) ==
        Texts{"lease 1 " + unavailable, "upload 1 " + exhausted, "lease 2 " + exhausted});
}

TEST_CASE("a lease can be cancelled while it runs or waits", "[render]") {
  Events events;
  RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
  REQUIRE(worker.upload(0, 1, some_data()));
  REQUIRE(worker.render(0, {FakeDevice::kWaitsForCancel, {{9, 0, 1}}}));
  REQUIRE(worker.render(0, {5, {{1, 0, 1}}}));
  REQUIRE(worker.render(0, {6, {{2, 0, 1}}}));
  events.wait_for(2);  // the first lease runs
  CHECK(worker.busy());
  worker.cancel_lease(5);
  worker.cancel_lease(FakeDevice::kWaitsForCancel);
  worker.cancel_lease(77);
  const std::string cancelled = to_string(ErrorKind::cancelled);
  CHECK(events.wait_for(6) == Texts{"upload 1 ok", "units 103/9", "lease 103 " + cancelled,
                                    "lease 5 " + cancelled, "units 6/2", "lease 6 ok"});
}

TEST_CASE("the next scene is uploaded while leases of the current one run", "[render]") {
  Events events;
  RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
  REQUIRE(worker.upload(0, 1, some_data()));
  REQUIRE(worker.render(0, {FakeDevice::kWaitsForCancel, {{9, 0, 1}}}));
  events.wait_for(2);  // the lease runs
  REQUIRE(worker.upload(1, 2, some_data()));
  REQUIRE(worker.upload(0, 3, some_data()));
  CHECK(events.wait_for(3) == Texts{"upload 1 ok", "units 103/9", "upload 2 ok"});
  worker.cancel_lease(FakeDevice::kWaitsForCancel);
  CHECK(events.wait_for(5).at(3) == std::string("lease 103 ") + to_string(ErrorKind::cancelled));
  CHECK(events.wait_for(5).at(4) == "upload 3 ok");
}

TEST_CASE("leases of the current scene go on while the next one is uploaded, and not for its slot",
          "[render]") {
  Events events;
  RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
  REQUIRE(worker.upload(0, 1, some_data()));
  events.wait_for(1);
  REQUIRE(worker.upload(1, 2, FakeDevice::endless_scene()));
  REQUIRE(worker.render(1, {5, {{1, 0, 1}}}));
  REQUIRE(worker.render(0, {6, {{2, 0, 1}}}));
  CHECK(events.wait_for(3) == Texts{"upload 1 ok", "units 6/2", "lease 6 ok"});
  worker.cancel_upload(77);
  worker.cancel_upload(2);
  const std::string cancelled = to_string(ErrorKind::cancelled);
  CHECK(events.wait_for(5).at(3) == "upload 2 " + cancelled);
  CHECK(events.wait_for(5).at(4) == "lease 5 " + cancelled);
}

TEST_CASE("a released slot has no scene, and is emptied behind its leases", "[render]") {
  Events events;
  RenderWorker worker(
      std::make_unique<FakeDevice>([&events](std::string text) { events.note(std::move(text)); }),
      events.sink());
  REQUIRE(worker.upload(1, 1, some_data()));
  REQUIRE(worker.render(1, {FakeDevice::kWaitsForCancel, {}}));
  worker.release(1);
  REQUIRE(worker.render(1, {4, {}}));
  REQUIRE(worker.upload(0, 2, some_data()));
  events.wait_for(1);
  worker.cancel_lease(FakeDevice::kWaitsForCancel);
  Texts texts = events.wait_for(5);
  CHECK(std::find(texts.begin(), texts.end(), "upload 2 ok") != texts.end());
  std::erase(texts, "upload 2 ok");
  CHECK(texts == Texts{"upload 1 ok", std::string("lease 103 ") + to_string(ErrorKind::cancelled),
                       "release 1", std::string("lease 4 ") + to_string(ErrorKind::unavailable)});
}

TEST_CASE("a device gets further leases of a slot while one runs, those of another slot in their turn",
          "[render]") {
  EagerRig rig;
  auto& [events, gate, worker] = rig;
  REQUIRE(worker.upload(0, 1, some_data()));
  REQUIRE(worker.upload(1, 2, some_data()));
  events.wait_for(2);
  while (worker.busy()) std::this_thread::yield();  // an upload is told of before it is over
  REQUIRE(worker.render(0, {1, {}}));
  REQUIRE(worker.render(0, {2, {}}));
  REQUIRE(worker.render(1, {3, {}}));
  REQUIRE(worker.render(0, {4, {}}));
  events.wait_for(4);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // it asks for more and gets none
  gate = true;
  CHECK(events.wait_for(10) == Texts{"upload 1 ok", "upload 2 ok", "begin 1", "begin 2", "lease 1 ok",
                                     "lease 2 ok", "begin 3", "lease 3 ok", "begin 4", "lease 4 ok"});
}

TEST_CASE("a lease behind an upload of its slot waits for it, whatever the device wants", "[render]") {
  EagerRig rig;
  auto& [events, gate, worker] = rig;
  REQUIRE(worker.upload(0, 1, some_data()));
  REQUIRE(worker.render(0, {5, {}}));
  REQUIRE(worker.upload(0, 2, some_data()));
  REQUIRE(worker.render(0, {6, {}}));
  events.wait_for(2);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  gate = true;
  CHECK(events.wait_for(6) ==
        Texts{"upload 1 ok", "begin 5", "lease 5 ok", "upload 2 ok", "begin 6", "lease 6 ok"});
}

TEST_CASE("all leases that a device has taken are answered when it throws", "[render]") {
  EagerRig rig;
  auto& [events, gate, worker] = rig;
  REQUIRE(worker.upload(0, 1, some_data()));
  REQUIRE(worker.render(0, {1, {}}));
  REQUIRE(worker.render(0, {FakeDevice::kThrows, {}}));
  const std::string internal = to_string(ErrorKind::internal);
  CHECK(events.wait_for(5) ==
        Texts{"upload 1 ok", "begin 1", "begin 101", "lease 1 " + internal, "lease 101 " + internal});
  gate = true;
  REQUIRE(worker.render(0, {2, {}}));
  CHECK(events.wait_for(7).back() == "lease 2 ok");
}

TEST_CASE("the queue of a worker is bounded and its end answers every job", "[render]") {
  Events events;
  std::size_t accepted = 0;
  {
    RenderWorker worker(std::make_unique<FakeDevice>(), events.sink());
    REQUIRE(worker.upload(0, 1, some_data()));
    REQUIRE(worker.render(0, {FakeDevice::kWaitsForCancel, {{9, 0, 1}}}));
    events.wait_for(2);
    while (worker.render(0, {++accepted, {}})) CHECK(accepted < 100);
    --accepted;
    CHECK(accepted == RenderWorker::kMaxQueuedJobs);
    CHECK(worker.upload(1, 9, some_data()).error().kind == ErrorKind::exhausted);
  }
  const Texts texts = events.wait_for(0);
  CHECK(texts.size() == 3 + accepted);
  CHECK(texts.back() == "lease " + std::to_string(accepted) + " " + to_string(ErrorKind::cancelled));
}
