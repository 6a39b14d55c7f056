#include "simt/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "simt/fault.hpp"

namespace oct::simt {
namespace {

std::vector<u32> block_order(const Launch& launch, u32 seed) {
  std::vector<u32> order(launch.grid.count());
  std::iota(order.begin(), order.end(), 0u);
  std::minstd_rand draw(seed);
  for (std::size_t i = order.size(); seed != 0 && i > 1; --i) std::swap(order[i - 1], order[draw() % i]);
  return order;
}

/// Each warp's turn; those that wait for each other go on when all do. False when all have ended.
bool give_turns(const std::vector<std::unique_ptr<Warp>>& warps, u64 turn) {
  bool waits = true, done = true;
  for (const auto& warp : warps) {
    const Warp::State state = warp->run(turn);
    waits &= state != Warp::State::running;
    done &= state == Warp::State::done;
  }
  if (waits) {
    for (const auto& warp : warps) warp->pass_barrier();
  }
  return !done;
}

}  // namespace

void Machine::run(const Launch& launch, MachineOptions options, KernelCounts& counts) {
  const std::vector<u64> parameters = argument_bytes(launch);
  const std::vector<u32> order = block_order(launch, options.seed);
  ++counts.launches;
  const std::size_t resident = std::min<std::size_t>(std::max(1u, options.resident_blocks), order.size());
  while (blocks_.size() < resident) blocks_.push_back(std::make_unique<Block>());
  std::size_t next = 0, running = 0;
  const auto begin = [&](Block& block) {
    block.runs = next < order.size();
    if (!block.runs) return;
    start(block, launch, order[next++], reinterpret_cast<u64>(parameters.data()), options, counts);
    ++running;
  };
  for (std::size_t i = 0; i < resident; ++i) begin(*blocks_[i]);
  while (running > 0) {
    for (std::size_t i = 0; i < resident; ++i) {
      Block& block = *blocks_[i];
      if (!block.runs || give_turns(block.warps, options.turn)) continue;
      --running;
      begin(block);
    }
  }
}

std::vector<u64> Machine::argument_bytes(const Launch& launch) const {
  const Function& kernel = *launch.kernel;
  const std::vector<Variable>& formals = kernel.text->formals;
  if (formals.size() != launch.arguments.size())
    throw Fault(fmt::format("{} takes {} arguments, {} are given", kernel.text->name, formals.size(),
                            launch.arguments.size()));
  std::vector<u64> bytes(kernel.parameter_bytes / 8 + 1, 0);
  for (std::size_t i = 0; i < formals.size(); ++i)
    std::memcpy(reinterpret_cast<std::byte*>(bytes.data()) + kernel.formal_offsets[i], launch.arguments[i],
                formals[i].size);
  return bytes;
}

void Machine::start(Block& block, const Launch& launch, u32 number, u64 parameters, MachineOptions options,
                    KernelCounts& counts) {
  BlockSetup& setup = block.setup;
  setup.kernel = launch.kernel;
  setup.parameters = parameters;
  setup.grid = launch.grid;
  setup.block = launch.block;
  setup.index = {number % launch.grid.x, number / launch.grid.x % launch.grid.y,
                 number / launch.grid.x / launch.grid.y};
  setup.dynamic_shared = launch.dynamic_shared;
  setup.multiprocessors = std::max(1u, options.resident_blocks);
  setup.multiprocessor = number % setup.multiprocessors;
  // shared memory begins with what the last block left there, as on a GPU
  block.shared.resize((launch.kernel->shared_bytes + u64{launch.dynamic_shared}) / 8 + 3,
                      0xa5a5a5a5a5a5a5a5u);
  setup.shared = (reinterpret_cast<u64>(block.shared.data()) + 15) / 16 * 16;
  const std::size_t warps = (launch.block.count() + kLanes - 1) / kLanes;
  while (block.warps.size() < warps) block.warps.push_back(std::make_unique<Warp>(program_));
  block.warps.resize(warps);
  for (u32 i = 0; i < warps; ++i) block.warps[i]->start(setup, i, counts);
}

}  // namespace oct::simt
