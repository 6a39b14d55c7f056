#include "simt/flow_graph.hpp"

#include <algorithm>

namespace oct::simt {
namespace {

constexpr u32 kUnknown = kNoIndex;

/// Blocks of instructions that are executed together; the one after the last stands for the end.
struct Graph {
  std::vector<u32> first;  ///< instruction of each block, and one past the end
  std::vector<u32> block_of;
  std::vector<std::vector<u32>> next, previous;

  u32 end() const { return static_cast<u32>(first.size()) - 1; }
};

bool ends_block(const Instruction& instruction) {
  return instruction.flow == Flow::branch || instruction.flow == Flow::branch_table ||
         instruction.flow == Flow::ret || instruction.flow == Flow::exit || instruction.flow == Flow::trap;
}

std::vector<char> block_starts(const Function& function) {
  std::vector<char> starts(function.code.size() + 1, 0);
  starts[0] = 1;
  for (std::size_t i = 0; i < function.code.size(); ++i) {
    const Instruction& instruction = function.code[i];
    if (!ends_block(instruction)) continue;
    starts[i + 1] = 1;
    if (instruction.flow == Flow::branch) starts[instruction.target] = 1;
    if (instruction.flow == Flow::branch_table) {
      for (const u32 target : function.branch_tables[instruction.target]) starts[target] = 1;
    }
  }
  return starts;
}

/// Instructions that may follow the last one of a block.
std::vector<u32> successors(const Function& function, u32 last) {
  const Instruction& instruction = function.code[last];
  const u32 end = static_cast<u32>(function.code.size());
  std::vector<u32> result;
  switch (instruction.flow) {
    case Flow::branch: result.push_back(instruction.target); break;
    case Flow::branch_table: return function.branch_tables[instruction.target];
    case Flow::ret:
    case Flow::exit:
    case Flow::trap: result.push_back(end); break;
    default: return {last + 1};
  }
  if (instruction.guarded) result.push_back(last + 1);
  return result;
}

Graph graph_of(const Function& function) {
  Graph graph;
  const std::vector<char> starts = block_starts(function);
  graph.block_of.resize(function.code.size() + 1);
  for (u32 i = 0; i < function.code.size(); ++i) {
    if (starts[i]) graph.first.push_back(i);
    graph.block_of[i] = static_cast<u32>(graph.first.size()) - 1;
  }
  graph.first.push_back(static_cast<u32>(function.code.size()));
  graph.block_of.back() = graph.end();
  graph.next.resize(graph.first.size());
  graph.previous.resize(graph.first.size());
  for (u32 block = 0; block < graph.end(); ++block) {
    for (const u32 target : successors(function, graph.first[block + 1] - 1)) {
      graph.next[block].push_back(graph.block_of[target]);
      graph.previous[graph.block_of[target]].push_back(block);
    }
  }
  return graph;
}

/// Blocks in postorder of the graph with all edges turned round, from the end on; those that never get there are absent.
std::vector<u32> postorder_from_end(const Graph& graph) {
  std::vector<u32> order;
  std::vector<char> seen(graph.first.size(), 0);
  std::vector<std::pair<u32, std::size_t>> stack = {{graph.end(), 0}};
  seen[graph.end()] = 1;
  while (!stack.empty()) {
    auto& [block, index] = stack.back();
    if (index == graph.previous[block].size()) {
      order.push_back(block);
      stack.pop_back();
      continue;
    }
    const u32 from = graph.previous[block][index++];
    if (!seen[from]) {
      seen[from] = 1;
      stack.emplace_back(from, 0);
    }
  }
  return order;
}

/// Immediate post-dominators (Cooper, Harvey and Kennedy 2001, "A simple, fast dominance algorithm").
std::vector<u32> post_dominators(const Graph& graph) {
  const std::vector<u32> order = postorder_from_end(graph);
  std::vector<u32> number(graph.first.size(), 0);
  for (u32 i = 0; i < order.size(); ++i) number[order[i]] = i;
  std::vector<u32> dominator(graph.first.size(), kUnknown);
  dominator[graph.end()] = graph.end();
  for (bool changed = true; changed;) {
    changed = false;
    for (auto block = order.rbegin() + 1; block != order.rend(); ++block) {
      u32 meet = kUnknown;
      for (u32 other : graph.next[*block]) {
        if (dominator[other] == kUnknown) continue;
        if (meet == kUnknown) meet = other;
        while (meet != other) {
          while (number[meet] < number[other]) meet = dominator[meet];
          while (number[other] < number[meet]) other = dominator[other];
        }
      }
      changed |= dominator[*block] != meet;
      dominator[*block] = meet;
    }
  }
  return dominator;
}

}  // namespace

void find_reconvergence(Function& function) {
  if (function.code.empty()) return;
  const Graph graph = graph_of(function);
  const std::vector<u32> dominators = post_dominators(graph);
  for (u32 i = 0; i < function.code.size(); ++i) {
    Instruction& instruction = function.code[i];
    if (instruction.flow != Flow::branch && instruction.flow != Flow::branch_table) continue;
    const u32 meeting = dominators[graph.block_of[i]];
    instruction.reconverge =
        graph.first[meeting == kUnknown ? graph.end() : meeting];  // an endless loop meets nowhere
  }
}

}  // namespace oct::simt
