#include "render/render_worker.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <future>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "base/exhaustion.hpp"
#include "base/float_mode.hpp"
#include "base/free_memory.hpp"

namespace oct {
namespace {

constexpr int kThreads = 2;

struct UploadJob {
  std::uint64_t id = 0;
  RenderDataPtr data;
};

struct ReleaseJob {};

using Work = std::variant<Lease, UploadJob, ReleaseJob>;

/// A job and the means to cancel it, waiting or running.
struct Job {
  std::uint32_t slot = 0;
  Work work;
  std::stop_source stop;
  bool running = false;
  bool renders() const { return std::holds_alternative<Lease>(work); }
  bool is_released() const { return std::holds_alternative<ReleaseJob>(work); }
};

/// The root of a worker's job: what the device throws becomes a value.
template <class Action>
Result<void> run_guarded(Action&& action) {
  try {
    return action();
  } catch (const std::exception& error) {
    return fail(error_of(error));
  } catch (...) {
    return fail(ErrorKind::internal, "unknown exception of a device");
  }
}

}  // namespace

struct RenderWorker::State {
  std::unique_ptr<Device> device;
  RenderEventSink sink;
  DeviceInfo info;
  ProgressCounter progress{0};

  mutable std::mutex mutex;  // guards the members up to `ending`
  std::condition_variable wake;
  std::list<Job> jobs;  ///< in the order they came, running ones too
  /// Why leases of a slot cannot be rendered; empty once a scene is there.
  std::array<std::optional<Error>, kSceneSlots> no_scene;
  bool ending = false;
  int threads_ended = 0;
  std::atomic<bool> lost{false};

  std::stop_source stop_canary;
  std::promise<Result<Digest>> canary;
  std::shared_future<Result<Digest>> canary_result{canary.get_future()};

  std::mutex sink_mutex;  // lets events out one by one
  std::thread renderer, uploader;

  State() {
    for (auto& error : no_scene) error = Error{ErrorKind::unavailable, "no scene has been uploaded"};
  }

  void end() {
    {
      const std::lock_guard lock(mutex);
      ending = true;
    }
    wake.notify_all();
  }

  Result<void> enqueue(std::uint32_t slot, Work work) {
    OCT_CHECK(slot < kSceneSlots);
    {
      const std::lock_guard lock(mutex);
      const auto counts = [](const Job& job) { return !job.running && !job.is_released(); };
      const bool is_full =
          std::count_if(jobs.begin(), jobs.end(), counts) >= static_cast<std::ptrdiff_t>(kMaxQueuedJobs);
      if (is_full && !std::holds_alternative<ReleaseJob>(work))
        return fail(ErrorKind::exhausted, "the device has no room for more jobs");
      jobs.push_back({slot, std::move(work), {}, false});
    }
    wake.notify_all();
    return {};
  }

  /// Calls `action` for the running and each waiting job.
  template <class Action>
  void for_each_job(Action&& action) {
    const std::lock_guard lock(mutex);
    for (Job& job : jobs) action(job);
  }

  void emit(RenderEvent event) {
    const std::lock_guard lock(sink_mutex);
    sink(std::move(event));
  }

  /// A thread's life: leases, or what fills and empties slots.
  void work(bool renders) {
    set_float_mode();
    if (renders) run_canary();
    for (Job* job = next_job(renders); job != nullptr; job = next_job(renders)) {
      if (renders) {
        run_leases(*job);
      } else {
        fill_or_empty(*job);
        remove(*job);
      }
    }
    {
      const std::lock_guard lock(mutex);
      ++threads_ended;
    }
    wake.notify_all();
  }

  /// Waits for both threads to leave, as long as there is progress.
  bool wait_for_threads(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex);
    while (true) {
      const std::uint64_t before = progress;
      if (wake.wait_for(lock, patience, [&] { return threads_ended == kThreads; })) return true;
      if (progress == before) return false;
    }
  }

  /// On the thread that got the result.
  void look_after(const Result<void>& result) {
    if (!result && result.error().kind != ErrorKind::cancelled && device->is_lost()) lost = true;
  }

  void fill_or_empty(Job& job) {
    const auto* upload = std::get_if<UploadJob>(&job.work);
    if (upload != nullptr) {
      run_upload(job, *upload);
    } else {
      run_release(job);
    }
  }

  void remove(const Job& job) {
    std::list<Job> done;  // destroyed without the lock: it may hold the last reference to a scene
    {
      const std::lock_guard lock(mutex);
      done.splice(done.begin(), jobs,
                  std::find_if(jobs.begin(), jobs.end(), [&](const Job& other) { return &other == &job; }));
    }
    wake.notify_all();  // what waited for this slot
  }

  void run_canary() {
    Result<Digest> digest = Digest();
    const Result<void> result = run_guarded([&]() -> Result<void> {
      OCT_TRY_ASSIGN(digest, device->canary(stop_canary.get_token()));
      return {};
    });
    if (!result) digest = fail(result.error());
    progress.fetch_add(1, std::memory_order_relaxed);
    canary.set_value(std::move(digest));
  }

  /// Waits for a job of this thread's kind with no earlier one of its slot before it; null at the end, when all
  /// are answered.
  Job* next_job(bool renders) {
    std::unique_lock lock(mutex);
    Job* found = nullptr;
    wake.wait(lock, [&] {
      found = ready_job(renders);
      return found != nullptr || (ending && !waits(renders));
    });
    if (found != nullptr) found->running = true;
    return found;
  }

  Job* ready_job(bool renders) {
    std::array<bool, kSceneSlots> taken{};
    for (Job& job : jobs) {
      if (!taken[job.slot] && job.renders() == renders && !job.running) return &job;
      taken[job.slot] = true;
    }
    return nullptr;
  }

  /// A lease that may begin while others of the slot still run: the next one in turn, unless that is another slot's, or
  /// an upload into this one comes before it.
  Job* next_lease(std::uint32_t slot) {
    const std::lock_guard lock(mutex);
    std::array<bool, kSceneSlots> taken{};
    for (Job& job : jobs) {
      const bool is_lease = job.renders();
      if (is_lease && !job.running && !taken[job.slot]) {
        if (job.slot != slot) return nullptr;
        job.running = true;
        return &job;
      }
      taken[job.slot] |= !is_lease || job.slot != slot;
    }
    return nullptr;
  }

  bool waits(bool renders) const {
    return std::any_of(jobs.begin(), jobs.end(), [=](const Job& job) { return job.renders() == renders; });
  }

  std::optional<Error> missing_scene(std::uint32_t slot) const {
    const std::lock_guard lock(mutex);
    return no_scene[slot];
  }

  void set_missing_scene(std::uint32_t slot, std::optional<Error> error) {
    const std::lock_guard lock(mutex);
    no_scene[slot] = std::move(error);
  }

  void run_upload(Job& job, const UploadJob& upload) {
    const std::stop_token stop = job.stop.get_token();
    Result<void> result = run_guarded([&]() -> Result<void> {
      if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the upload was cancelled");
      return device->upload(job.slot, upload.data, stop, progress);
    });
    return_free_memory();  // building a tree takes more than the tree
    look_after(result);
    set_missing_scene(job.slot, result ? std::nullopt : std::optional(result.error()));
    progress.fetch_add(1, std::memory_order_relaxed);
    emit(UploadDone{upload.id, std::move(result)});
  }

  void run_release(Job& job) {
    set_missing_scene(job.slot, Error{ErrorKind::unavailable, "the scene has been released"});
    const auto released = run_guarded([&]() -> Result<void> {
      device->release(job.slot);
      return {};
    });
    progress.fetch_add(1, std::memory_order_relaxed);
    static_cast<void>(released);  // the next upload tells what is wrong with the device
  }

  /// Renders this lease and those of its slot that may follow it without a gap.
  void run_leases(Job& first) {
    if (auto missing = missing_scene(first.slot)) {
      const bool is_cancelled = first.stop.stop_requested();
      answer(first, is_cancelled ? fail(ErrorKind::cancelled, "the lease was cancelled")
                                 : fail(*std::move(missing)));
      return;
    }
    const std::uint32_t slot = first.slot;
    RunningLeases leases(*this, first);
    Result<void> result = run_guarded([&]() -> Result<void> {
      device->render_leases(slot, leases, progress);
      return fail(ErrorKind::internal, "the device has left the lease without an answer");
    });
    leases.answer_all(result.error());
  }

  void answer(const Job& job, Result<void> result) {
    struct Removal {
      State& state;
      const Job& job;
      ~Removal() { state.remove(job); }
    };
    const Removal removal{*this, job};  // whatever emit throws: who waits for the job must not wait for ever
    look_after(result);
    emit(LeaseDone{std::get<Lease>(job.work).id, std::move(result)});
  }

  /// What the device takes leases from: those of one slot.
  class RunningLeases final : public LeaseSource {
   public:
    RunningLeases(State& state, Job& first) : state_(state), slot_(first.slot), first_(&first) {
      running_.push_back(&first);
    }

    std::optional<LeaseJob> next() override {
      Job* const job = first_ != nullptr ? std::exchange(first_, nullptr) : take();
      if (job == nullptr) return std::nullopt;
      const Lease& lease = std::get<Lease>(job->work);
      return LeaseJob{&lease, job->stop.get_token(),
                      [this, id = lease.id](FilmContribution contribution) {
                        state_.emit(ContributionReady{id, std::move(contribution)});
                      },
                      [this, job](Result<void> result) {
                        std::erase(running_, job);
                        state_.answer(*job, std::move(result));
                      }};
    }

    /// Those that the device has not answered.
    void answer_all(const Error& error) {
      for (Job* const job : std::exchange(running_, {})) state_.answer(*job, fail(error));
    }

   private:
    /// Only beside others: while one runs, nobody replaces the scene.
    Job* take() {
      Job* const job = running_.empty() ? nullptr : state_.next_lease(slot_);
      if (job != nullptr) running_.push_back(job);
      return job;
    }

    State& state_;
    std::uint32_t slot_;
    Job* first_;  ///< until the device has taken it
    std::vector<Job*> running_;
  };
};

RenderWorker::RenderWorker(std::unique_ptr<Device> device, RenderEventSink sink)
    : state_(std::make_unique<State>()) {
  state_->info = device->info();
  state_->device = std::move(device);
  state_->sink = std::move(sink);
  state_->renderer = std::thread([state = state_.get()] { state->work(true); });
  try {
    state_->uploader = std::thread([state = state_.get()] { state->work(false); });
  } catch (...) {  // no room for one more: the first must not outlive its state
    state_->end();
    state_->renderer.join();
    throw;
  }
}

void RenderWorker::begin_to_end() {
  state_->stop_canary.request_stop();
  cancel_all();
  state_->end();
}

bool RenderWorker::finish(std::chrono::milliseconds patience) {
  begin_to_end();
  return state_->wait_for_threads(patience);
}

RenderWorker::~RenderWorker() {
  begin_to_end();
  state_->renderer.join();
  state_->uploader.join();
}

const DeviceInfo& RenderWorker::info() const {
  return state_->info;
}

Result<Digest> RenderWorker::canary() const {
  return state_->canary_result.get();
}

Result<void> RenderWorker::upload(std::uint32_t slot, std::uint64_t upload_id, RenderDataPtr data) {
  return state_->enqueue(slot, UploadJob{upload_id, std::move(data)});
}

Result<void> RenderWorker::render(std::uint32_t slot, Lease lease) {
  return state_->enqueue(slot, std::move(lease));
}

void RenderWorker::release(std::uint32_t slot) {
  static_cast<void>(state_->enqueue(slot, ReleaseJob{}));  // there is room for it always
}

void RenderWorker::cancel_lease(std::uint64_t lease_id) {
  state_->for_each_job([lease_id](Job& job) {
    const auto* lease = std::get_if<Lease>(&job.work);
    if (lease != nullptr && lease->id == lease_id) job.stop.request_stop();
  });
}

void RenderWorker::cancel_upload(std::uint64_t upload_id) {
  state_->for_each_job([upload_id](Job& job) {
    const auto* upload = std::get_if<UploadJob>(&job.work);
    if (upload != nullptr && upload->id == upload_id) job.stop.request_stop();
  });
}

void RenderWorker::cancel_all() {
  state_->for_each_job([](Job& job) { job.stop.request_stop(); });
}

std::optional<std::uint64_t> RenderWorker::free_device_bytes() const {
  return state_->device->free_bytes();
}

std::uint64_t RenderWorker::progress() const {
  return state_->progress.load(std::memory_order_relaxed);
}

bool RenderWorker::renders() const {
  const std::lock_guard lock(state_->mutex);
  return std::any_of(state_->jobs.begin(), state_->jobs.end(),
                     [](const Job& job) { return job.running && job.renders(); });
}

bool RenderWorker::is_lost() const {
  return state_->lost;
}

bool RenderWorker::busy() const {
  const std::lock_guard lock(state_->mutex);
  return !state_->jobs.empty();
}

}  // namespace oct
