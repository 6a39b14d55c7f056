#include "device/cuda_queue_machine.hpp"

#include "launch/cuda_queues.hpp"
#include "launch/queue_memory.hpp"

namespace oct {

CudaQueueMachine::~CudaQueueMachine() {
  if (stream_ != nullptr) cudaStreamSynchronize(stream_);  // else memory might go that is written to
  for (const cudaEvent_t event : finished_) {
    if (event != nullptr) cudaEventDestroy(event);
  }
  if (copy_stream_ != nullptr) cudaStreamDestroy(copy_stream_);
  if (stream_ != nullptr) cudaStreamDestroy(stream_);
}

Result<void> CudaQueueMachine::checked(const char* what, cudaError_t error) const {
  return check_cuda(device_, what, error);
}

Result<void> CudaQueueMachine::open(std::string device) {
  device_ = std::move(device);
  OCT_TRY(checked("no stream", cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)));
  OCT_TRY(checked("no stream", cudaStreamCreateWithFlags(&copy_stream_, cudaStreamNonBlocking)));
  for (cudaEvent_t& event : finished_) {
    // whoever waits sleeps: the thread's core is wanted by the CPU's renderer
    const unsigned flags = cudaEventBlockingSync | cudaEventDisableTiming;
    OCT_TRY(checked("no event", cudaEventCreateWithFlags(&event, flags)));
  }
  return {};
}

/// Of this computer, where the GPU can reach it.
cudaError_t CudaQueueMachine::take_pinned_memory(const QueueSizes& sizes) {
  cudaError_t error = units_.allocate(u64{sizes.units} * sizeof(QueueUnit));
  if (error == cudaSuccess) error = records_.allocate(kBatchesAhead * sizeof(BatchRecord));
  if (error == cudaSuccess) error = collected_.allocate(u64{sizes.collected} * sizeof(CollectedUnit));
  return error;
}

Result<void> CudaQueueMachine::allocate(const QueueSizes& sizes) {
  const char* what = "no memory for paths";
  cudaError_t error = memory_.allocate(cuda_queue_bytes(sizes));
  if (error == cudaSuccess) {
    what = "no memory of this computer can be pinned for its sums";
    error = take_pinned_memory(sizes);
  }
  if (error == cudaSuccess) {
    sizes_ = sizes;
    return {};
  }
  memory_.allocate(0);
  cudaGetLastError();  // the next call is not to be told of it
  return checked(what, error);
}

Result<void> CudaQueueMachine::clear() {
  const QueueMemory memory(memory_.data(), sizes_);
  OCT_TRY(checked("rendering failed", cudaStreamSynchronize(stream_)));
  return checked("the queues cannot be cleared",
                 cudaMemsetAsync(memory_.data(), 0, memory.cleared_bytes(), stream_));
}

/// Copies the batch's new units, which may lie on both ends of the ring.
Result<void> CudaQueueMachine::bring_units(const QueueBatch& batch) {
  const QueueMemory memory(memory_.data(), sizes_);
  for (u64 unit = batch.new_units; unit < batch.unit_end;) {
    const u64 index = unit % sizes_.units;
    const u64 count = std::min(batch.unit_end - unit, sizes_.units - index);
    OCT_TRY(checked("units cannot be copied",
                    cudaMemcpyAsync(memory.units + index, units_.as<QueueUnit>() + index,
                                    count * sizeof(QueueUnit), cudaMemcpyHostToDevice, stream_)));
    unit += count;
  }
  return {};
}

Result<void> CudaQueueMachine::start(const QueueBatch& batch) {
  const QueueMemory memory(memory_.data(), sizes_);
  const u64 which = batch.number % kBatchesAhead;
  OCT_TRY(bring_units(batch));
  const int error = cuda_enqueue_batch(scene_, memory_.data(), sizes_, batch, stream_);
  OCT_TRY(checked("rendering failed", static_cast<cudaError_t>(error)));
  OCT_TRY(checked("rendering failed",
                  cudaMemcpyAsync(records_.as<BatchRecord>() + which, memory.control->batches + which,
                                  sizeof(BatchRecord), cudaMemcpyDeviceToHost, stream_)));
  return checked("rendering failed", cudaEventRecord(finished_[which], stream_));
}

Result<BatchRecord> CudaQueueMachine::finish(u64 batch) {
  const u64 which = batch % kBatchesAhead;
  OCT_TRY(checked("rendering failed", cudaEventSynchronize(finished_[which])));
  return records_.as<BatchRecord>()[which];
}

Result<std::span<const CollectedUnit>> CudaQueueMachine::collect(u64 batch, u32 count) {
  if (count == 0) return std::span<const CollectedUnit>();
  const QueueMemory memory(memory_.data(), sizes_);
  OCT_TRY(checked("sums cannot be read",
                  cudaMemcpyAsync(collected_.as<CollectedUnit>(), memory.collected[batch % kBatchesAhead],
                                  u64{count} * sizeof(CollectedUnit), cudaMemcpyDeviceToHost, copy_stream_)));
  OCT_TRY(checked("sums cannot be read", cudaStreamSynchronize(copy_stream_)));
  return std::span<const CollectedUnit>(collected_.as<CollectedUnit>(), count);
}

}  // namespace oct
