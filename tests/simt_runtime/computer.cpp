#include "simt_runtime/computer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "simt/fault.hpp"

using oct::simt::Gpu;

std::uint64_t CUstream_st::put(std::function<void()> work) {
  const std::lock_guard lock(waiting_);
  work_.push_back(std::move(work));
  return ++put_;
}

void CUstream_st::run_to(std::uint64_t place) {
  if (done_ >= place)
    return;  // without the lock: whoever does the work may itself wait for this thread's stream
  const std::lock_guard lock(running_);
  while (done_ < place && do_next()) {
  }
}

bool CUstream_st::run_one() {
  const std::unique_lock lock(running_, std::try_to_lock);
  if (lock.owns_lock()) do_next();
  return done_ >= put_count();
}

std::uint64_t CUstream_st::put_count() const {
  const std::lock_guard lock(waiting_);
  return put_;
}

bool CUstream_st::do_next() {
  std::function<void()> next;
  {
    const std::lock_guard lock(waiting_);
    if (work_.empty()) return false;
    next = std::move(work_.front());
    work_.pop_front();
  }
  if (gpu.lost() == cudaSuccess) next();
  ++done_;
  return true;
}

namespace oct::simt {
namespace {

constexpr std::size_t kAlignment = 256;  // of cudaMalloc
/// New memory holds this; of large blocks the beginning, since nobody uses all of them.
constexpr int kPattern = 0xa5;
constexpr std::size_t kPatternBytes = 1u << 22;

/// The block of a map by address that this range lies in, or the end.
template <class Map, class SizeOf>
auto block_around(Map& blocks, const void* data, std::size_t bytes, SizeOf size_of) {
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  auto found = blocks.upper_bound(address);
  if (found == blocks.begin()) return blocks.end();
  --found;
  return address + bytes <= found->first + size_of(found->second) ? found : blocks.end();
}

std::uint64_t nth_call(std::map<RuntimeCall, std::uint64_t>& calls, RuntimeCall call) {
  return ++calls[call];
}

bool applies(const FaultRule& rule, int gpu, RuntimeCall call, std::uint64_t nth) {
  return rule.gpu == gpu && rule.call == call && (rule.onwards ? nth >= rule.nth : nth == rule.nth);
}

}  // namespace

bool is_lasting(cudaError_t error) {
  switch (error) {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorLaunchFailure:
    case cudaErrorECCUncorrectable:
    case cudaErrorUnknown: return true;
    default: return false;
  }
}

// A GPU.

Gpu::Gpu(int number, const GpuModel& model, const std::vector<FaultRule>& rules)
    : number_(number), model_(model), rules_(rules) {}

Gpu::Verdict Gpu::verdict(RuntimeCall call) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t nth = nth_call(calls_, call);
  for (const FaultRule& rule : rules_) {
    if (applies(rule, number_, call, nth))
      return {rule.effect, static_cast<cudaError_t>(rule.error), rule.ms};
  }
  return {};
}

cudaError_t Gpu::suffer(const Verdict& verdict) {
  if (verdict.effect == FaultRule::Effect::slow)
    std::this_thread::sleep_for(std::chrono::milliseconds(verdict.ms));
  if (verdict.effect == FaultRule::Effect::hang) {
    std::unique_lock lock(mutex_);
    hang_ends_.wait(lock, [&] { return hangs_ended_; });
    lock.unlock();
    lose(cudaErrorLaunchFailure);
  }
  if (is_lasting(verdict.error)) lose(verdict.error);
  return verdict.error;
}

cudaError_t Gpu::on_call(RuntimeCall call) {
  if (lost() != cudaSuccess) return lost();
  const cudaError_t error = suffer(verdict(call));
  return lost() != cudaSuccess ? lost() : error;
}

/// As on a GPU: the call returns before anybody knows, and whoever waits is told.
cudaError_t Gpu::on_queued_call(RuntimeCall call, CUstream_st& stream) {
  if (lost() != cudaSuccess) return lost();
  const Verdict found = verdict(call);
  const bool at_once = found.effect == FaultRule::Effect::error && !is_lasting(found.error);
  if (at_once) return found.error;
  stream.put([this, found] { suffer(found); });
  return cudaSuccess;
}

void Gpu::lose(cudaError_t error) {
  int none = cudaSuccess;
  lost_.compare_exchange_strong(none, error);
}

void Gpu::end_hangs() {
  const std::lock_guard lock(mutex_);
  hangs_ended_ = true;
  hang_ends_.notify_all();
}

void* Gpu::allocate(std::size_t bytes) {
  const std::size_t size = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const std::lock_guard lock(mutex_);
  if (model_.used_bytes + used_ + size > model_.memory_bytes) return nullptr;
  Block block{{std::aligned_alloc(kAlignment, size), &std::free}, bytes};
  if (!block.data) return nullptr;
  void* data = block.data.get();
  std::memset(data, kPattern, std::min(size, kPatternBytes));
  used_ += size;
  memory_.emplace(reinterpret_cast<std::uintptr_t>(data), std::move(block));
  return data;
}

bool Gpu::free(void* data) {
  const std::lock_guard lock(mutex_);
  const auto found = memory_.find(reinterpret_cast<std::uintptr_t>(data));
  if (found == memory_.end()) return false;
  used_ -= (found->second.bytes + kAlignment - 1) / kAlignment * kAlignment;
  std::memset(data, kPattern, std::min(found->second.bytes, kPatternBytes));
  memory_.erase(found);
  return true;
}

std::uint64_t Gpu::free_bytes() const {
  const std::lock_guard lock(mutex_);
  const std::uint64_t used = model_.used_bytes + used_;
  return used < model_.memory_bytes ? model_.memory_bytes - used : 0;
}

bool Gpu::holds(const void* data, std::size_t bytes) const {
  const std::lock_guard lock(mutex_);
  return block_around(memory_, data, bytes, [](const Block& block) { return block.bytes; }) != memory_.end();
}

std::shared_ptr<CUstream_st> Gpu::make_stream(bool waits_for_default) {
  auto stream = std::make_shared<CUstream_st>(*this, waits_for_default);
  const std::lock_guard lock(mutex_);
  return streams_[stream.get()] = stream;
}

bool Gpu::destroy_stream(CUstream_st* stream) {
  const auto found = find_stream(stream);
  if (!found) return false;
  found->run_all();  // what is in it is done all the same
  const std::lock_guard lock(mutex_);
  return streams_.erase(stream) > 0;
}

std::shared_ptr<CUstream_st> Gpu::find_stream(CUstream_st* stream) const {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<CUstream_st>> Gpu::streams(bool only_waiting) const {
  std::vector<std::shared_ptr<CUstream_st>> found;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, stream] : streams_) {
    if (!only_waiting || stream->waits_for_default) found.push_back(stream);
  }
  if (default_) found.push_back(default_);
  return found;
}

std::shared_ptr<CUstream_st> Gpu::default_stream() {
  for (const auto& stream : streams(true)) stream->run_all();
  const std::lock_guard lock(mutex_);
  if (!default_) default_ = std::make_shared<CUstream_st>(*this, true);
  return default_;
}

void Gpu::run_all_streams() {
  for (const auto& stream : streams(false)) stream->run_all();
}

void Gpu::add_to(RuntimeCounts& counts) const {
  const std::lock_guard lock(mutex_);
  counts.allocations += memory_.size();
  for (const auto& [address, block] : memory_) counts.allocated_bytes += block.bytes;
  counts.streams += streams_.size();
}

// The computer.

Computer::Computer(RuntimePlan plan) : plan_(std::move(plan)) {
  for (std::size_t i = 0; i < plan_.gpus.size(); ++i)
    gpus_.push_back(std::make_unique<Gpu>(static_cast<int>(i), plan_.gpus[i], plan_.rules));
}

Gpu* Computer::holder(const void* data, std::size_t bytes) {
  const auto found =
      std::find_if(gpus_.begin(), gpus_.end(), [&](const auto& gpu) { return gpu->holds(data, bytes); });
  return found == gpus_.end() ? nullptr : found->get();
}

/// Rules of GPU 0 tell what finding the GPUs comes to.
cudaError_t Computer::on_count() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t nth = ++count_calls_;
  for (const FaultRule& rule : plan_.rules) {
    if (applies(rule, 0, RuntimeCall::count, nth)) return static_cast<cudaError_t>(rule.error);
  }
  return gpus_.empty() ? cudaErrorNoDevice : cudaSuccess;
}

void* Computer::pin(std::size_t bytes) {
  auto data = std::make_unique<std::byte[]>(bytes);
  std::memset(data.get(), kPattern, std::min(bytes, kPatternBytes));
  const auto address = reinterpret_cast<std::uintptr_t>(data.get());
  const std::lock_guard lock(mutex_);
  pinned_sizes_[address] = bytes;
  return (pinned_[address] = std::move(data)).get();
}

bool Computer::unpin(void* data) {
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  const std::lock_guard lock(mutex_);
  if (pinned_.erase(address) == 0) return false;
  pinned_sizes_.erase(address);
  return true;
}

bool Computer::is_pinned(const void* data, std::size_t bytes) const {
  const std::lock_guard lock(mutex_);
  return block_around(pinned_sizes_, data, bytes, [](std::size_t size) { return size; }) !=
         pinned_sizes_.end();
}

void Computer::register_host(void* data, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  pinned_sizes_[reinterpret_cast<std::uintptr_t>(data)] = bytes;
}

bool Computer::unregister_host(void* data) {
  const std::lock_guard lock(mutex_);
  return pinned_sizes_.erase(reinterpret_cast<std::uintptr_t>(data)) > 0;
}

CUevent_st* Computer::make_event(Gpu& gpu) {
  auto event = std::make_unique<CUevent_st>(gpu);
  const std::lock_guard lock(mutex_);
  CUevent_st* key = event.get();
  events_[key] = std::move(event);
  return key;
}

bool Computer::destroy_event(CUevent_st* event) {
  const std::lock_guard lock(mutex_);
  return events_.erase(event) > 0;
}

RuntimeCounts Computer::counts() const {
  RuntimeCounts counts;
  for (const auto& gpu : gpus_) gpu->add_to(counts);
  counts.launches = launches;
  counts.pageable_bytes = pageable_bytes;
  counts.pinned_bytes = pinned_bytes;
  const std::lock_guard lock(mutex_);
  counts.pinned = pinned_sizes_.size();
  counts.events = events_.size();
  return counts;
}

void Computer::end_hangs() {
  for (const auto& gpu : gpus_) gpu->end_hangs();
}

// Which one.

namespace {

/// Never destroyed: a thread may hang in a call while the program ends.
std::atomic<Computer*>& current() {
  static std::atomic<Computer*> computer{nullptr};
  return computer;
}

RuntimePlan plan_of_environment() {
  const char* text = std::getenv("OCTANE_SIMT_RUNTIME");
  try {
    return parse_runtime_plan(text == nullptr ? "" : text);
  } catch (const Fault& fault) {
    std::fprintf(stderr, "OCTANE_SIMT_RUNTIME: %s\n", fault.what());
    std::_Exit(1);
  }
}

}  // namespace

Computer& computer() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (current() == nullptr) current() = new Computer(plan_of_environment());
  });
  return *current();
}

void set_runtime_plan(RuntimePlan plan) {
  computer().end_hangs();
  current() = new Computer(std::move(plan));
}

RuntimeCounts runtime_counts() {
  return computer().counts();
}

void end_hangs() {
  computer().end_hangs();
}

}  // namespace oct::simt
