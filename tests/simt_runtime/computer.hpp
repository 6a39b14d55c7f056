#pragma once
#include <cuda_runtime_api.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "simt_runtime/runtime.hpp"

namespace oct::simt {
class Gpu;
}

/// A queue of work. What is put in is done when somebody waits for it, in order, on the waiting thread: nothing that a
/// program forgets to wait for is ever there by luck. CUDA's own type, which its headers leave open.
struct CUstream_st {
  explicit CUstream_st(oct::simt::Gpu& a_gpu, bool a_waits_for_default)
      : gpu(a_gpu), waits_for_default(a_waits_for_default) {}

  /// Returns its place, from 1.
  std::uint64_t put(std::function<void()> work);
  /// Does everything up to this place.
  void run_to(std::uint64_t place);
  void run_all() { run_to(put_count()); }
  /// Does one piece of work, as time would. True when none is left.
  bool run_one();
  std::uint64_t put_count() const;
  bool is_done(std::uint64_t place) const { return done_ >= place; }

  oct::simt::Gpu& gpu;
  const bool waits_for_default;  ///< and the default stream for it

 private:
  bool do_next();

  std::mutex running_;          // held by who does the work
  mutable std::mutex waiting_;  // guards work_ and put_
  std::deque<std::function<void()>> work_;
  std::uint64_t put_ = 0;
  std::atomic<std::uint64_t> done_{0};
};

/// A place in a stream.
struct CUevent_st {
  explicit CUevent_st(oct::simt::Gpu& a_gpu) : gpu(a_gpu) {}
  oct::simt::Gpu& gpu;
  std::shared_ptr<CUstream_st> stream;  ///< none before it was recorded
  std::uint64_t place = 0;
};

namespace oct::simt {

/// One GPU: its memory, its streams, and its fate. Any thread.
class Gpu {
 public:
  Gpu(int number, const GpuModel& model, const std::vector<FaultRule>& rules);

  const GpuModel& model() const { return model_; }
  int number() const { return number_; }

  /// Counts a call. What it must return: an error that a rule gives it, or that the GPU is lost by; success.
  cudaError_t on_call(RuntimeCall call);
  /// The same, but an error of a rule happens when its work is done: it is put into the stream.
  cudaError_t on_queued_call(RuntimeCall call, CUstream_st& stream);
  /// An error that the GPU does not come back from, for this program.
  void lose(cudaError_t error);
  cudaError_t lost() const { return static_cast<cudaError_t>(lost_.load()); }
  void end_hangs();

  void* allocate(std::size_t bytes);  ///< null when there is no room
  bool free(void* data);
  std::uint64_t free_bytes() const;
  bool holds(const void* data, std::size_t bytes) const;

  std::shared_ptr<CUstream_st> make_stream(bool waits_for_default);
  bool destroy_stream(CUstream_st* stream);
  std::shared_ptr<CUstream_st> find_stream(CUstream_st* stream) const;  ///< null: not of this GPU
  /// The legacy default stream: waits for all streams that wait for it.
  std::shared_ptr<CUstream_st> default_stream();
  void run_all_streams();
  void add_to(RuntimeCounts& counts) const;

 private:
  struct Block {
    std::unique_ptr<void, void (*)(void*)> data;
    std::size_t bytes;
  };
  struct Verdict {
    FaultRule::Effect effect = FaultRule::Effect::error;
    cudaError_t error = cudaSuccess;
    std::uint32_t ms = 0;
  };
  Verdict verdict(RuntimeCall call);
  cudaError_t suffer(const Verdict& verdict);
  std::vector<std::shared_ptr<CUstream_st>> streams(bool only_waiting) const;

  const int number_;
  const GpuModel model_;
  const std::vector<FaultRule> rules_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable hang_ends_;
  bool hangs_ended_ = false;
  std::map<RuntimeCall, std::uint64_t> calls_;
  std::map<std::uintptr_t, Block> memory_;
  std::uint64_t used_ = 0;
  std::map<CUstream_st*, std::shared_ptr<CUstream_st>> streams_;
  std::shared_ptr<CUstream_st> default_;
  std::atomic<int> lost_{cudaSuccess};
};

/// Whether an error leaves a GPU of no use to the program that had it.
bool is_lasting(cudaError_t error);

/// The GPUs of the plan, pinned memory and events. One for the program.
class Computer {
 public:
  explicit Computer(RuntimePlan plan);

  int gpu_count() const { return static_cast<int>(gpus_.size()); }
  Gpu& gpu(int number) { return *gpus_[static_cast<std::size_t>(number)]; }
  /// The GPU, if any, in whose memory this range lies.
  Gpu* holder(const void* data, std::size_t bytes);
  cudaError_t on_count();

  void* pin(std::size_t bytes);
  bool unpin(void* data);
  bool is_pinned(const void* data, std::size_t bytes) const;
  void register_host(void* data, std::size_t bytes);
  bool unregister_host(void* data);

  CUevent_st* make_event(Gpu& gpu);
  bool destroy_event(CUevent_st* event);
  RuntimeCounts counts() const;
  void end_hangs();

  std::atomic<std::uint64_t> launches{0}, pageable_bytes{0}, pinned_bytes{0};

 private:
  const RuntimePlan plan_;
  std::vector<std::unique_ptr<Gpu>> gpus_;
  mutable std::mutex mutex_;  // guards what follows
  std::uint64_t count_calls_ = 0;
  std::map<std::uintptr_t, std::unique_ptr<std::byte[]>> pinned_;  ///< what was allocated here
  std::map<std::uintptr_t, std::size_t> pinned_sizes_;             ///< and what was registered
  std::map<CUevent_st*, std::unique_ptr<CUevent_st>> events_;
};

/// The computer of now; that of the environment variable OCTANE_SIMT_RUNTIME (runtime_plan.hpp) unless a test set another.
Computer& computer();

}  // namespace oct::simt
