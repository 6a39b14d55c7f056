#include "simt/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "simt/fault.hpp"

namespace oct::simt {

void Machine::run(const Launch& launch, KernelCounts& counts) {
  const std::vector<u64> parameters = argument_bytes(launch);
  const std::vector<u32> order = block_order(launch);
  ++counts.launches;
  std::size_t next = 0;
  std::vector<Block*> running;
  const std::size_t resident = std::max<std::size_t>(1, options_.resident_blocks);
  while (next < order.size() || !running.empty()) {
    while (running.size() < resident && next < order.size()) {
      if (blocks_.size() <= running.size()) blocks_.push_back(std::make_unique<Block>());
      Block* free = nullptr;
      for (const auto& block : blocks_) {
        if (std::find(running.begin(), running.end(), block.get()) == running.end()) free = block.get();
      }
      start(*free, launch, order[next++], reinterpret_cast<u64>(parameters.data()), counts);
      running.push_back(free);
    }
    running.erase(std::remove_if(running.begin(), running.end(), [&](Block* block) { return !give_turns(*block); }),
                  running.end());
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

std::vector<u32> Machine::block_order(const Launch& launch) const {
  std::vector<u32> order(launch.grid.count());
  std::iota(order.begin(), order.end(), 0u);
  std::minstd_rand draw(options_.seed);
  for (std::size_t i = order.size(); options_.seed != 0 && i > 1; --i) std::swap(order[i - 1], order[draw() % i]);
  return order;
}

void Machine::start(Block& block, const Launch& launch, u32 number, u64 parameters, KernelCounts& counts) {
  BlockSetup& setup = block.setup;
  setup.kernel = launch.kernel;
  setup.parameters = parameters;
  setup.grid = launch.grid;
  setup.block = launch.block;
  setup.index = {number % launch.grid.x, number / launch.grid.x % launch.grid.y, number / launch.grid.x / launch.grid.y};
  setup.dynamic_shared = launch.dynamic_shared;
  setup.multiprocessors = std::max(1u, options_.resident_blocks);
  setup.multiprocessor = number % setup.multiprocessors;
  // shared memory begins with what the last block left there, as on a GPU
  block.shared.resize((launch.kernel->shared_bytes + u64{launch.dynamic_shared}) / 8 + 3, 0xa5a5a5a5a5a5a5a5u);
  setup.shared = (reinterpret_cast<u64>(block.shared.data()) + 15) / 16 * 16;
  const std::size_t warps = (launch.block.count() + kLanes - 1) / kLanes;
  while (block.warps.size() < warps) block.warps.push_back(std::make_unique<Warp>(program_));
  block.warps.resize(warps);
  for (u32 i = 0; i < warps; ++i) block.warps[i]->start(setup, i, counts);
}

/// False when all of its warps have ended.
bool Machine::give_turns(Block& block) const {
  bool waits = true, done = true;
  for (const auto& warp : block.warps) {
    const Warp::State state = warp->run(options_.turn);
    waits &= state != Warp::State::running;
    done &= state == Warp::State::done;
  }
  if (done) return false;
  if (waits) {
    for (const auto& warp : block.warps) warp->pass_barrier();
  }
  return true;
}

}  // namespace oct::simt
