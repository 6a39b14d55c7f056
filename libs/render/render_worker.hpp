#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <variant>

#include "base/result.hpp"
#include "device/device.hpp"

namespace oct {

/// An upload has ended. Leases that were queued behind a failed one are answered with the same kind of error.
struct UploadDone {
  std::uint64_t upload_id = 0;
  Result<void> result;
};

/// Units of a lease are finished. Comes before the LeaseDone of that lease.
struct ContributionReady {
  std::uint64_t lease_id = 0;
  FilmContribution contribution;
};

/// A lease has ended; units that no ContributionReady has brought were not rendered. `cancelled` after a
/// cancel.
struct LeaseDone {
  std::uint64_t lease_id = 0;
  Result<void> result;
};

using RenderEvent = std::variant<UploadDone, ContributionReady, LeaseDone>;

/// Receives events: one call at a time, on a thread of the worker or its device; it should only hand the
/// event on. It may call any function of the worker but its destructor.
using RenderEventSink = std::function<void(RenderEvent)>;

/// One device on two threads of its own: one renders leases, the other fills and empties scene slots. Jobs of
/// one slot run in the order they came; those of different slots do not wait for each other, but that each
/// thread does one job at a time - but that a device may begin a lease while it still renders the former of the same slot
/// (Device::render_leases). Each accepted upload and lease is answered by exactly one UploadDone or
/// LeaseDone, whatever happens, and errors and exceptions of the device come out as its result. All functions
/// may be called from any thread and return at once; `slot` is below kSceneSlots.
class RenderWorker {
 public:
  /// Uploads and leases that wait, beside those that run.
  static constexpr std::size_t kMaxQueuedJobs = 16;

  RenderWorker(std::unique_ptr<Device> device, RenderEventSink sink);
  /// Cancels everything and waits for the device. Jobs cancelled here are answered still; afterwards no event
  /// comes.
  ~RenderWorker();
  /// Cancels everything, and waits for the device as long as it makes progress at least once in `patience`. False: it
  /// hangs, and so would the destructor; only the end of the process gets rid of it. Nothing else may be called then.
  bool finish(std::chrono::milliseconds patience);
  RenderWorker(const RenderWorker&) = delete;
  RenderWorker& operator=(const RenderWorker&) = delete;

  const DeviceInfo& info() const;

  /// The digest of the device's canary (device/canary.hpp), which it computes before its first lease. Waits for
  /// it: milliseconds from the construction. Errors of Device::canary.
  Result<Digest> canary() const;

  /// Queues an upload into a slot, which replaces the scene of all leases queued for that slot after it.
  /// `exhausted` when the queue is full.
  Result<void> upload(std::uint32_t slot, std::uint64_t upload_id, RenderDataPtr data);

  /// Queues a lease for the scene uploaded into the slot before it; a lease for a slot without one is answered
  /// `unavailable`, for one whose upload failed with that error. `exhausted` when the queue is full.
  Result<void> render(std::uint32_t slot, Lease lease);

  /// Empties a slot once the jobs queued for it before have ended. Without event.
  void release(std::uint32_t slot);

  /// Ends one lease: running or waiting, it is answered `cancelled`, in its turn. Unknown or finished: no
  /// effect.
  void cancel_lease(std::uint64_t lease_id);

  /// Ends one upload in the same way.
  void cancel_upload(std::uint64_t upload_id);

  /// Ends all uploads and leases that were accepted before this call.
  void cancel_all();

  /// Grows with every unit and every stage of upload and build: unchanged for long while busy() means hung.
  std::uint64_t progress() const;

  /// Device::free_bytes().
  std::optional<std::uint64_t> free_device_bytes() const;

  /// Whether a job runs or waits.
  bool busy() const;
  /// Whether a lease is being rendered.
  bool renders() const;

  /// Whether the device failed and is of no use to this process any more (Device::is_lost).
  bool is_lost() const;

 private:
  void begin_to_end();

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace oct
