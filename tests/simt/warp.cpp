#include "simt/warp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "simt/fault.hpp"

namespace oct::simt {
namespace {

constexpr u32 kMostDepth = 64;  ///< of calls: a recursion without end stops here
/// Memory that nobody wrote yet holds this, so that reading it shows.
constexpr int kUnwritten = 0xa5;

u64 address_of(void* pointer) {
  return reinterpret_cast<u64>(pointer);
}
u64 aligned(u64 offset) {
  return (offset + 15) / 16 * 16;
}

void copy_parameters(const std::vector<ParameterCopy>& copies, u64 from, u64 from_stride, u64 to,
                     u64 to_stride, u32 lanes) {
  for_lanes(lanes, [&](u32 lane) {
    for (const ParameterCopy& copy : copies)
      std::memcpy(reinterpret_cast<void*>(to + lane * to_stride + copy.to),
                  reinterpret_cast<const void*>(from + lane * from_stride + copy.from), copy.size);
  });
}

}  // namespace

void Warp::start(const BlockSetup& setup, u32 number, KernelCounts& counts) {
  setup_ = &setup;
  counts_ = &counts;
  number_ = number;
  const u64 threads = setup.block.count();
  const u64 first = u64{number} * kLanes;
  live_ = threads - first >= kLanes ? kAllLanes : (1u << (threads - first)) - 1;
  state_ = State::running;
  depth_ = 0;
  Frame& frame = push_frame(*setup.kernel);
  u64* const parameters = reinterpret_cast<u64*>(reinterpret_cast<std::byte*>(frame.memory.data()) +
                                                 frame.function->parameter_base.offset);
  std::fill_n(parameters, kLanes, setup.parameters);
  frame.entries.assign(1, {0, static_cast<u32>(setup.kernel->code.size()), live_});
  ++counts.warps;
  counts.threads += static_cast<u64>(__builtin_popcount(live_));
}

Warp::Frame& Warp::push_frame(const Function& function) {
  if (depth_ == kMostDepth) fail("calls are nested too deeply");
  if (depth_ == frames_.size()) frames_.push_back(std::make_unique<Frame>());
  Frame& frame = *frames_[depth_++];
  frame.function = &function;
  frame.from = nullptr;
  const u64 registers = aligned(function.register_bytes);
  const u64 of_a_lane = u64{function.parameter_bytes} + function.call_bytes + function.local_bytes;
  const std::size_t words = (registers + kLanes * of_a_lane) / 8 + 2;
  if (frame.memory.size() < words) frame.memory.resize(words);
  std::byte* const memory = reinterpret_cast<std::byte*>(frame.memory.data());
  std::memset(memory + registers, kUnwritten, kLanes * of_a_lane);
  frame.stack = address_of(memory + registers);
  frame.stride = of_a_lane;
  for (u64 lane = 0; lane < kLanes; ++lane) {
    const auto set = [&](Operand base, u64 offset) {
      reinterpret_cast<u64*>(memory + base.offset)[lane] = frame.stack + lane * frame.stride + offset;
    };
    set(function.parameter_base, 0);
    set(function.call_base, function.parameter_bytes);
    set(function.local_base, u64{function.parameter_bytes} + function.call_bytes);
  }
  fill_specials(frame);
  std::vector<std::vector<InstructionCount>>& counts = counts_->functions;
  if (counts.empty()) counts.resize(program_.functions().size());
  std::vector<InstructionCount>& own = counts[program_.index_of(function)];
  if (own.empty()) own.resize(function.code.size());
  frame.counts = &own;
  enter(frame);
  return frame;
}

void Warp::enter(Frame& frame) {
  lanes_.set_banks(reinterpret_cast<std::byte*>(frame.memory.data()), program_.constants());
}

void Warp::fill_specials(Frame& frame) const {
  std::byte* const memory = reinterpret_cast<std::byte*>(frame.memory.data());
  for (const SpecialUse& use : frame.function->specials) {
    u32* const lanes = reinterpret_cast<u32*>(memory + use.where.offset);
    for (u32 lane = 0; lane < kLanes; ++lane) lanes[lane] = special(use.special, lane);
  }
}

u32 Warp::special(Special special, u32 lane) const {
  const Extent3& block = setup_->block;
  const u32 thread = number_ * kLanes + lane;
  const u32 bit = 1u << lane;
  switch (special) {
    case Special::tid_x: return thread % block.x;
    case Special::tid_y: return thread / block.x % block.y;
    case Special::tid_z: return thread / block.x / block.y;
    case Special::ntid_x: return block.x;
    case Special::ntid_y: return block.y;
    case Special::ntid_z: return block.z;
    case Special::ctaid_x: return setup_->index.x;
    case Special::ctaid_y: return setup_->index.y;
    case Special::ctaid_z: return setup_->index.z;
    case Special::nctaid_x: return setup_->grid.x;
    case Special::nctaid_y: return setup_->grid.y;
    case Special::nctaid_z: return setup_->grid.z;
    case Special::laneid: return lane;
    case Special::warpid: return number_;
    case Special::nwarpid: return static_cast<u32>((block.count() + kLanes - 1) / kLanes);
    case Special::smid: return setup_->multiprocessor;
    case Special::nsmid: return setup_->multiprocessors;
    case Special::lanemask_eq: return bit;
    case Special::lanemask_lt: return bit - 1;
    case Special::lanemask_le: return bit | (bit - 1);
    case Special::lanemask_gt: return ~(bit | (bit - 1));
    case Special::lanemask_ge: return ~(bit - 1);
    case Special::dynamic_shared_bytes: return setup_->dynamic_shared;
  }
  return 0;
}

Warp::State Warp::run(u64 instructions) {
  if (state_ != State::running) return state_;
  enter(*frames_[depth_ - 1]);
  while (instructions > 0) {
    Frame& frame = *frames_[depth_ - 1];
    if (frame.entries.empty()) {
      if (depth_ == 1) return state_ = State::done;
      pop_frame();
      continue;
    }
    Entry& entry = frame.entries.back();
    if (entry.lanes == 0 || entry.at == entry.until) {
      // at the end of a function its lanes have left one by one; elsewhere those below wait at the meeting point
      if (entry.lanes != 0 && entry.at == frame.function->code.size()) leave(frame, entry.lanes, depth_ == 1);
      frame.entries.pop_back();
      continue;
    }
    at_ = entry.at;
    const Instruction& instruction = frame.function->code[at_];
    u32 taken = entry.lanes;
    if (instruction.guarded) {
      const u32 guard = lanes_.predicate(instruction.guard);
      taken &= instruction.guard_negated ? ~guard : guard;
    }
    count_ = &(*frame.counts)[at_];
    ++count_->warps;
    count_->lanes +=
        static_cast<u64>(__builtin_popcount(instruction.flow == Flow::branch ? entry.lanes : taken));
    --instructions;
    if (instruction.flow == Flow::next) {
      ++entry.at;
      if (taken == 0) continue;
      lanes_.set_active(taken);
      instruction.run(lanes_, instruction);
    } else {
      follow(frame, instruction, taken);
      if (state_ != State::running) return state_;
    }
  }
  return state_;
}

void Warp::follow(Frame& frame, const Instruction& instruction, u32 taken) {
  Entry& entry = frame.entries.back();
  switch (instruction.flow) {
    case Flow::branch: return branch(frame, instruction, taken);
    case Flow::branch_table: return branch_by_table(frame, instruction, taken);
    case Flow::call:
      ++entry.at;
      if (taken != 0) call(frame.function->calls[instruction.target], taken);
      return;
    case Flow::ret:
    case Flow::exit: ++entry.at; return leave(frame, taken, instruction.flow == Flow::exit || depth_ == 1);
    case Flow::barrier:
      if (taken != live_) fail("a barrier that only some of the warp's threads reach together");
      ++entry.at;
      state_ = State::at_barrier;
      return;
    case Flow::trap:
      if (taken != 0) fail("the program gave up");
      ++entry.at;
      return;
    case Flow::next: return;
  }
}

void Warp::pass_barrier() {
  if (state_ == State::at_barrier) state_ = State::running;
}

void Warp::branch(Frame& frame, const Instruction& instruction, u32 taken) {
  Entry& entry = frame.entries.back();
  const u32 others = entry.lanes & ~taken;
  if (taken == 0) {
    ++entry.at;
  } else if (others == 0) {
    entry.at = instruction.target;
  } else {
    const u32 next = entry.at + 1;
    const u32 meeting = instruction.reconverge;
    // where this entry ends at the meeting point, too, the one below it waits for all of its lanes already
    if (entry.until == meeting) {
      frame.entries.pop_back();
    } else {
      entry.at = meeting;
    }
    diverge(frame, meeting, instruction.target, taken);
    diverge(frame, meeting, next, others);
  }
}

void Warp::diverge(Frame& frame, u32 meeting, u32 at, u32 lanes) {
  if (at != meeting) frame.entries.push_back({at, meeting, lanes});
}

void Warp::branch_by_table(Frame& frame, const Instruction& instruction, u32 lanes) {
  Entry& entry = frame.entries.back();
  const u32 others = entry.lanes & ~lanes;
  const u32 next = entry.at + 1;
  const u32 meeting = instruction.reconverge;
  const std::vector<u32>& targets = frame.function->branch_tables[instruction.target];
  const u32* const index = lanes_.read<u32>(instruction.sources[0]);
  std::vector<std::pair<u32, u32>> ways;  // target, lanes
  for_lanes(lanes, [&](u32 lane) {
    if (index[lane] >= targets.size()) fail("a branch beyond the end of its table");
    const u32 target = targets[index[lane]];
    const auto known = std::find_if(ways.begin(), ways.end(), [&](auto& way) { return way.first == target; });
    if (known == ways.end()) {
      ways.emplace_back(target, 1u << lane);
    } else {
      known->second |= 1u << lane;
    }
  });
  if (entry.until == meeting) {
    frame.entries.pop_back();
  } else {
    entry.at = meeting;
  }
  for (const auto& [target, of_way] : ways) diverge(frame, meeting, target, of_way);
  if (others != 0) diverge(frame, meeting, next, others);
}

void Warp::leave(Frame& frame, u32 lanes, bool ends_threads) {
  for (Entry& entry : frame.entries) entry.lanes &= ~lanes;
  if (!ends_threads) return;
  live_ &= ~lanes;
  for (u32 i = 0; i + 1 < depth_; ++i) {
    for (Entry& entry : frames_[i]->entries) entry.lanes &= ~lanes;
  }
}

void Warp::call(const CallSite& site, u32 lanes) {
  const Frame& caller = *frames_[depth_ - 1];
  const Function& callee = program_.functions()[site.callee];
  Frame& frame = push_frame(callee);
  frame.from = &site;
  frame.callers = lanes;
  frame.entries.assign(1, {0, static_cast<u32>(callee.code.size()), lanes});
  copy_parameters(site.arguments, caller.calls(), caller.stride, frame.stack, frame.stride, lanes);
}

void Warp::pop_frame() {
  const Frame& callee = *frames_[--depth_];
  Frame& caller = *frames_[depth_ - 1];
  copy_parameters(callee.from->results, callee.stack, callee.stride, caller.calls(), caller.stride,
                  callee.callers & live_);
  enter(caller);
}

bool Warp::find_local(u64 address, u32 size, u32 lane, u64& word) const {
  for (u32 i = depth_; i-- > 0;) {
    const Frame& frame = *frames_[i];
    const u64 begin = frame.stack + lane * frame.stride;
    if (address < begin || address + size > begin + frame.stride) continue;
    word = (u64{i} << 32) + (address - begin) / 4;  // other frames have other words
    return true;
  }
  return false;
}

void Warp::fail(const std::string& what) const {
  const FunctionText& text = *frames_[depth_ - 1]->function->text;
  const Instruction& instruction = frames_[depth_ - 1]->function->code[at_];
  const Statement& statement = text.statements[instruction.statement];
  throw Fault(fmt::format("{}: {} {}: {} (block {}, warp {}, lanes {:08x})",
                          place_in(program_.text(), statement.line), statement.opcode,
                          fmt::join(statement.operands, ", "), what, setup_->index.x, number_,
                          lanes_.active()));
}

}  // namespace oct::simt
