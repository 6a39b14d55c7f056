#include "gpu/bench/kernel_clock.hpp"

#if defined(OCT_HAVE_CUPTI)
#include <cuda_runtime_api.h>
#include <cupti.h>

#include <cstdlib>
#include <mutex>
#include <utility>

namespace oct::bench {
namespace {

constexpr std::size_t kBufferBytes = 4u << 20;
constexpr CUpti_ActivityKind kKinds[] = {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY};

std::mutex mutex;     // guards totals: CUPTI has a thread of its own
KernelTotals totals;  // CUPTI's callbacks are given no context

/// One record's share of the totals.
void add_record(const CUpti_Activity& record) {
  if (record.kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) {
    // its first members, all that is read, are the same in every later version
    const auto& kernel = reinterpret_cast<const CUpti_ActivityKernel9&>(record);
    totals.add_kernel(kernel.name, 1e-9 * static_cast<double>(kernel.end - kernel.start));
  } else if (record.kind == CUPTI_ACTIVITY_KIND_MEMCPY) {
    const auto& copy = reinterpret_cast<const CUpti_ActivityMemcpy5&>(record);
    if (copy.copyKind != CUPTI_ACTIVITY_MEMCPY_KIND_HTOD && copy.copyKind != CUPTI_ACTIVITY_MEMCPY_KIND_DTOH)
      return;
    auto& copies = copy.copyKind == CUPTI_ACTIVITY_MEMCPY_KIND_HTOD ? totals.to_device : totals.to_host;
    ++copies.count;
    copies.bytes += copy.bytes;
  }
}

void CUPTIAPI give_buffer(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records) {
  *buffer = static_cast<std::uint8_t*>(std::aligned_alloc(8, kBufferBytes));
  *size = *buffer == nullptr ? 0 : kBufferBytes;
  *most_records = 0;  // as many as fit
}

void CUPTIAPI take_buffer(CUcontext context, std::uint32_t stream, std::uint8_t* buffer, std::size_t,
                          std::size_t valid) {
  const std::lock_guard lock(mutex);
  CUpti_Activity* record = nullptr;
  while (valid > 0 && cuptiActivityGetNextRecord(buffer, valid, &record) == CUPTI_SUCCESS)
    add_record(*record);
  std::size_t lost = 0;
  if (cuptiActivityGetNumDroppedRecords(context, stream, &lost) == CUPTI_SUCCESS) totals.lost += lost;
  std::free(buffer);
}

std::string trouble_of(CUptiResult result) {
  if (result == CUPTI_SUCCESS) return {};
  const char* text = nullptr;
  cuptiGetResultString(result, &text);
  return std::string("CUPTI: ") + (text == nullptr ? "unknown error" : text);
}

}  // namespace

KernelClock::KernelClock() {
  trouble_ = trouble_of(cuptiActivityRegisterCallbacks(give_buffer, take_buffer));
  for (const CUpti_ActivityKind kind : kKinds)
    if (trouble_.empty()) trouble_ = trouble_of(cuptiActivityEnable(kind));
  if (trouble_.empty()) take();
}

KernelClock::~KernelClock() {
  for (const CUpti_ActivityKind kind : kKinds) cuptiActivityDisable(kind);
  take();
}

KernelTotals KernelClock::take() {
  cudaDeviceSynchronize();
  cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
  const std::lock_guard lock(mutex);
  return std::exchange(totals, {});
}

}  // namespace oct::bench

#else

namespace oct::bench {

KernelClock::KernelClock()
    : trouble_("built without CUPTI, which CUDA's toolkit has in extras/CUPTI or lib64") {}
KernelClock::~KernelClock() = default;
KernelTotals KernelClock::take() {
  return {};
}

}  // namespace oct::bench
#endif
