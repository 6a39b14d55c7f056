#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "base/result.hpp"
#include "device/device_info.hpp"
#include "film/contribution.hpp"
#include "film/lease.hpp"
#include "render_data/render_data.hpp"
#include "wire/frame_id.hpp"

namespace oct {

/// Advanced by every unit and by every stage of upload and build, so that a watcher can tell busy from hung.
using ProgressCounter = std::atomic<std::uint64_t>;

/// Receives each contribution as soon as it is finished: one call at a time, on a thread of the device's
/// choice.
using ContributionSink = std::function<void(FilmContribution)>;

/// A lease to be rendered and how it is answered. Both functions are called on the thread that renders.
struct LeaseJob {
  const Lease* lease = nullptr;  ///< valid until `done` is called
  std::stop_token stop;
  ContributionSink sink;
  std::function<void(Result<void>)> done;  ///< called once, after the last contribution
};

/// Leases of one scene slot, in their order.
class LeaseSource {
 public:
  virtual ~LeaseSource() = default;
  /// The next lease, if there is one now. Does not wait.
  virtual std::optional<LeaseJob> next() = 0;
};

/// A computing device with kSceneSlots scene slots, numbered from 0. Constructed, used and destroyed on any
/// thread. One thread at a time renders and traces; another one at a time may upload and release meanwhile, but
/// not the slot that is being rendered.
class Device {
 public:
  virtual ~Device() = default;

  virtual const DeviceInfo& info() const = 0;

  /// Makes a slot ready for a scene: copies what it needs and builds its acceleration structure. Replaces the
  /// slot's former scene, even when it fails. `exhausted` when memory does not suffice, `cancelled` after a stop
  /// request.
  virtual Result<void> upload(std::uint32_t slot, RenderDataPtr data, std::stop_token stop,
                              ProgressCounter& progress) = 0;

  /// Renders every unit range of the lease, one contribution each (cut into single passes or not is the
  /// lease's choice), of the scene in the slot; `unavailable` when there is none. Looks at `stop` between sample
  /// batches and then returns `cancelled`; what went to the sink stays valid.
  virtual Result<void> render(std::uint32_t slot, const Lease& lease, std::stop_token stop,
                              ProgressCounter& progress, const ContributionSink& sink) = 0;

  /// Renders leases of the scene in the slot until the source has none. A device may begin one while it still renders
  /// the former; it answers them in their order, as render() does. When it throws, some may be left without answer.
  virtual void render_leases(std::uint32_t slot, LeaseSource& source, ProgressCounter& progress) {
    while (const std::optional<LeaseJob> job = source.next()) {
      const bool is_cancelled = job->stop.stop_requested();
      job->done(is_cancelled ? Result<void>(fail(ErrorKind::cancelled, "the lease was cancelled"))
                             : render(slot, *job->lease, job->stop, progress, job->sink));
    }
  }

  /// Empties a slot. No effect on an empty one.
  virtual void release(std::uint32_t slot) = 0;

  /// Bytes that uploads have copied into memory of the device's own so far. None on a CPU. Any thread.
  virtual std::uint64_t uploaded_bytes() const { return 0; }

  /// What is free, of all programs, of the memory of the device's own. Nothing on a CPU, or when the driver does not
  /// tell. Any thread.
  virtual std::optional<std::uint64_t> free_bytes() const { return std::nullopt; }

  /// Whether it is of no use to this process any more, whatever is called, as after an error that breaks a GPU's
  /// context. Meant to be asked after an error, on the thread that got it.
  virtual bool is_lost() { return false; }

  /// The digest of fixed work that needs no scene (device/canary.hpp): equal to expected_canary() on a device
  /// that keeps the determinism contract. Takes milliseconds; as rendering does, on one thread at a time.
  virtual Result<Digest> canary(std::stop_token stop) = 0;

  /// First hits of rays in the scene of the slot, for measuring and tests. hits.size() == rays.size().
  virtual Result<void> trace(std::uint32_t slot, std::span<const Ray> rays, std::span<Hit> hits) = 0;
};

/// Which instruction set the CPU device uses; all give the same bits.
enum class CpuIsa { automatic, x64, v3 };

struct CpuDeviceOptions {
  std::uint32_t threads = 0;  ///< 0 = all
  CpuIsa isa = CpuIsa::automatic;
  bool low_priority = false;  ///< for slaves on somebody's workstation
};

class TreeStore;

/// invalid_input when the instruction set is asked for by name and this CPU lacks it.
///   trees  shared with this computer's other devices; null = a store of its own
Result<std::unique_ptr<Device>> make_cpu_device(const CpuDeviceOptions& options,
                                                std::shared_ptr<TreeStore> trees = nullptr);

/// CUDA GPUs of this computer, possibly none. `reason` tells why there is none, in a few words: "no driver
/// found", "built without CUDA".
struct CudaDevices {
  std::vector<DeviceInfo> devices;
  std::string reason;
};
CudaDevices list_cuda_devices();

/// unavailable when there is no such GPU, or it cannot be used.
///   trees  as above
Result<std::unique_ptr<Device>> make_cuda_device(std::uint32_t index,
                                                 std::shared_ptr<TreeStore> trees = nullptr);

}  // namespace oct
