#include "render/render_worker.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/float_mode.hpp"

namespace oct {
namespace {

struct UploadJob {
  std::uint64_t id = 0;
  RenderDataPtr data;
};

/// A job and the means to cancel it, waiting or running.
struct Job {
  std::variant<UploadJob, Lease> work;
  std::stop_source stop;
};

/// The root of a worker's job: what the device throws becomes a value.
template <class Work>
Result<void> run_guarded(Work&& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::exhausted, "out of memory");
  } catch (const std::exception& error) {
    return fail(ErrorKind::internal, error.what());
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
  std::deque<std::shared_ptr<Job>> waiting;
  std::shared_ptr<Job> running;
  bool ending = false;

  /// Why leases cannot be rendered; empty once a scene is there. Of the worker's thread.
  std::optional<Error> no_scene = Error{ErrorKind::unavailable, "no scene has been uploaded"};
  std::thread thread;

  Result<void> enqueue(std::variant<UploadJob, Lease> work) {
    auto job = std::make_shared<Job>(Job{std::move(work), {}});
    {
      const std::lock_guard lock(mutex);
      if (waiting.size() >= kMaxQueuedJobs)
        return fail(ErrorKind::exhausted, "the device has no room for more jobs");
      waiting.push_back(std::move(job));
    }
    wake.notify_one();
    return {};
  }

  /// Calls `action` for the running and each waiting job.
  template <class Action>
  void for_each_job(Action&& action) {
    const std::lock_guard lock(mutex);
    if (running) action(*running);
    for (const auto& job : waiting) action(*job);
  }

  void work() {
    set_float_mode();
    while (const std::shared_ptr<Job> job = next_job()) {
      if (const auto* upload = std::get_if<UploadJob>(&job->work)) {
        run_upload(*upload, job->stop.get_token());
      } else {
        run_lease(*std::get_if<Lease>(&job->work), job->stop.get_token());
      }
      const std::lock_guard lock(mutex);
      running.reset();
    }
  }

  /// Waits for a job; null at the end, when all are answered.
  std::shared_ptr<Job> next_job() {
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return ending || !waiting.empty(); });
    if (waiting.empty()) return nullptr;
    running = std::move(waiting.front());
    waiting.pop_front();
    return running;
  }

  void run_upload(const UploadJob& job, const std::stop_token& stop) {
    Result<void> result = run_guarded([&]() -> Result<void> {
      if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the upload was cancelled");
      return device->upload(job.data, stop, progress);
    });
    no_scene = result ? std::nullopt : std::optional(result.error());
    progress.fetch_add(1, std::memory_order_relaxed);
    sink(UploadDone{job.id, std::move(result)});
  }

  void run_lease(const Lease& lease, const std::stop_token& stop) {
    Result<void> result = run_guarded([&]() -> Result<void> {
      if (stop.stop_requested()) return fail(ErrorKind::cancelled, "the lease was cancelled");
      if (no_scene) return fail(*no_scene);
      return device->render(lease, stop, progress, [&](FilmContribution contribution) {
        sink(ContributionReady{lease.id, std::move(contribution)});
      });
    });
    sink(LeaseDone{lease.id, std::move(result)});
  }
};

RenderWorker::RenderWorker(std::unique_ptr<Device> device, RenderEventSink sink)
    : state_(std::make_unique<State>()) {
  state_->info = device->info();
  state_->device = std::move(device);
  state_->sink = std::move(sink);
  state_->thread = std::thread([state = state_.get()] { state->work(); });
}

RenderWorker::~RenderWorker() {
  cancel_all();
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->wake.notify_one();
  state_->thread.join();
}

const DeviceInfo& RenderWorker::info() const {
  return state_->info;
}

Result<void> RenderWorker::upload(std::uint64_t upload_id, RenderDataPtr data) {
  return state_->enqueue(UploadJob{upload_id, std::move(data)});
}

Result<void> RenderWorker::render(Lease lease) {
  return state_->enqueue(std::move(lease));
}

void RenderWorker::cancel_lease(std::uint64_t lease_id) {
  state_->for_each_job([lease_id](Job& job) {
    const auto* lease = std::get_if<Lease>(&job.work);
    if (lease != nullptr && lease->id == lease_id) job.stop.request_stop();
  });
}

void RenderWorker::cancel_all() {
  state_->for_each_job([](Job& job) { job.stop.request_stop(); });
}

std::uint64_t RenderWorker::progress() const {
  return state_->progress.load(std::memory_order_relaxed);
}

bool RenderWorker::busy() const {
  const std::lock_guard lock(state_->mutex);
  return state_->running != nullptr || !state_->waiting.empty();
}

}  // namespace oct
