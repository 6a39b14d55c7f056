#include "simt/gpu_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "simt/fault.hpp"

namespace oct::simt {

namespace {

std::vector<PtxText> read_all(const std::vector<std::string>& files) {
  std::vector<PtxText> texts;
  for (const std::string& file : files) texts.push_back(read_ptx(file));
  return texts;
}

}  // namespace

GpuCode::GpuCode(const std::vector<std::string>& ptx_files, MachineOptions options)
    : GpuCode(read_all(ptx_files), options) {}

GpuCode::GpuCode(std::vector<PtxText> texts, MachineOptions options) : options_(options) {
  for (PtxText& text : texts) {
    programs_.push_back(std::make_unique<Program>(std::move(text)));
    machines_.emplace(std::piecewise_construct, std::forward_as_tuple(programs_.back().get()),
                      std::forward_as_tuple(*programs_.back()));
  }
}

GpuCode::Kernel GpuCode::kernel(const std::string& part) {
  if (const auto found = known_.find(part); found != known_.end()) return found->second;
  Kernel kernel{nullptr, nullptr, &counts_[part]};
  for (const auto& program : programs_) {
    for (const Function& function : program->functions()) {
      if (!function.text->is_kernel || function.text->name.find(part) == std::string::npos) continue;
      if (kernel.function) throw Fault(fmt::format("\"{}\" is part of more than one kernel's name", part));
      kernel.program = program.get();
      kernel.function = &function;
    }
  }
  if (!kernel.function) throw Fault(fmt::format("there is no kernel whose mangled name holds \"{}\"", part));
  return known_[part] = kernel;
}

void GpuCode::run(const std::string& part, const Start& start) {
  run_by(options_, part, start);
}

void GpuCode::run_resident(const std::string& part, const Start& start) {
  constexpr u64 kTurn = 64;  // instructions; short beside what a ray takes
  MachineOptions options = options_;
  options.resident_blocks = start.blocks;
  options.turn = std::min(options.turn, kTurn);
  run_by(options, part, start);
}

void GpuCode::run_by(MachineOptions options, const std::string& part, const Start& start) {
  const Kernel found = kernel(part);
  Launch launch;
  launch.kernel = found.function;
  launch.grid.x = start.blocks;
  launch.block.x = start.threads;
  launch.arguments = start.arguments;
  found.counts->items += start.items;
  machines_.at(found.program).run(launch, options, *found.counts);
}

void GpuCode::forget_counts() {
  for (auto& [name, counts] : counts_) counts = {};
}

std::string kernel_name(const char* mangled_type) {
  std::string name = mangled_type;
  if (!name.starts_with('N') || !name.ends_with('E')) return name;
  name = name.substr(1, name.size() - 2);
  // components such as 3oct, 3x64 and 12_GLOBAL__N_1 in front of the last one
  while (true) {
    std::size_t digits = 0;
    while (digits < name.size() && std::isdigit(static_cast<unsigned char>(name[digits])) != 0) ++digits;
    if (digits == 0) return name;
    const std::size_t length = std::stoul(name.substr(0, digits));
    const std::size_t next = digits + length;
    if (next >= name.size() || std::isdigit(static_cast<unsigned char>(name[next])) == 0) return name + "E";
    name = name.substr(next);
  }
}

}  // namespace oct::simt
