#include "simt/meter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "simt/sass_cost.hpp"

namespace oct::simt {
namespace {

std::size_t width_index(const Instruction& instruction) {
  const u32 bytes = u32{instruction.element_size} * instruction.element_count;
  return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(bytes)) - 1, kWidths - 1);
}

void add_access(KernelMeter& meter, const Instruction& instruction, const InstructionCount& count) {
  switch (instruction.access) {
    case Access::none: return;
    case Access::load:
      meter.loads[width_index(instruction)] += count.warps;
      meter.load_lanes += count.lanes;
      meter.load_lines += count.lines;
      meter.load_sectors += count.sectors;
      return;
    case Access::store:
      meter.stores += count.warps;
      meter.store_sectors += count.sectors;
      return;
    case Access::atomic:
      meter.atomics += count.warps;
      meter.atomic_sectors += count.sectors;
      return;
    case Access::local:
      meter.local += count.warps;
      meter.local_lines += count.lines;
      return;
    case Access::shared:
      meter.shared += count.warps;
      meter.shared_passes += count.lines;
      return;
  }
}

/// f(function, instruction, count, cost) of everything that ran.
template <class F>
void each_count(const GpuCode::Kernel& kernel, F&& f) {
  for (std::size_t i = 0; i < kernel.counts->functions.size(); ++i) {
    const std::vector<InstructionCount>& counts = kernel.counts->functions[i];
    const Function& function = kernel.program->functions()[i];
    for (std::size_t k = 0; k < counts.size(); ++k) {
      const Instruction& instruction = function.code[k];
      if (counts[k].warps != 0) f(instruction, function.text->statements[instruction.statement], counts[k]);
    }
  }
}

KernelMeter measure_kernel(const std::string& name, const GpuCode::Kernel& kernel) {
  KernelMeter meter;
  meter.name = name;
  meter.launches = kernel.counts->launches;
  meter.items = kernel.counts->items;
  meter.warps = kernel.counts->warps;
  double lanes = 0;
  each_count(kernel,
             [&](const Instruction& instruction, const Statement& statement, const InstructionCount& count) {
               const double cost = sass_cost(statement.opcode);
               meter.ptx_instructions += count.warps;
               meter.instructions += cost * static_cast<double>(count.warps);
               lanes += cost * static_cast<double>(count.lanes);
               add_access(meter, instruction, count);
             });
  meter.active_lanes = meter.instructions > 0 ? lanes / (kLanes * meter.instructions) : 0;
  return meter;
}

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// "walk_compact.hpp:120"; empty where nothing is known.
std::string place_of(const PtxText& text, const Statement& statement) {
  auto file = text.files.find(statement.place.file);
  u32 line = statement.place.line;
  if (file != text.files.end() && file->second.find("/math/") != std::string::npos &&
      statement.caller.file != 0) {
    file = text.files.find(statement.caller.file);
    line = statement.caller.line;
  }
  return file == text.files.end() ? "" : fmt::format("{}:{}", file_name(file->second), line);
}

/// "ILb1ELi4EE" as "<1,4>"; values alone, no types.
std::string readable_arguments(std::string_view mangled) {
  std::string text;
  for (std::size_t at = mangled.find('L'); at != std::string_view::npos; at = mangled.find('L', at + 1)) {
    const std::size_t end = std::min(mangled.find('E', at), mangled.size());
    text += text.empty() ? '<' : ',';
    text += mangled.substr(at + 2, end - at - 2);
  }
  if (!text.empty()) text += '>';
  return text;
}

/// "10TracePathsE" as "TracePaths", "10TracePathsILb1EEE" as "TracePaths<1>".
std::string readable(const std::string& name) {
  const std::size_t begin = name.find_first_not_of("0123456789");
  if (begin == 0 || begin == std::string::npos) return name;
  const std::size_t length = std::stoul(name.substr(0, begin));
  return name.substr(begin, length) +
         readable_arguments(std::string_view(name).substr(std::min(begin + length, name.size())));
}

}  // namespace

u64 KernelMeter::all_loads() const {
  u64 sum = 0;
  for (const u64 count : loads) sum += count;
  return sum;
}

std::vector<KernelMeter> measure(const GpuCode& code) {
  std::vector<KernelMeter> result;
  for (const auto& [name, kernel] : code.known()) {
    if (kernel.counts->launches != 0) result.push_back(measure_kernel(name, kernel));
  }
  std::sort(result.begin(), result.end(),
            [](const KernelMeter& a, const KernelMeter& b) { return a.instructions > b.instructions; });
  return result;
}

std::vector<LineMeter> measure_lines(const GpuCode& code, std::size_t count) {
  std::map<std::string, LineMeter> lines;
  for (const auto& [name, kernel] : code.known()) {
    const PtxText& text = kernel.program->text();
    each_count(kernel, [&](const Instruction&, const Statement& statement, const InstructionCount& counted) {
      const std::string place = place_of(text, statement);
      if (place.empty()) return;
      const double cost = sass_cost(statement.opcode);
      LineMeter& line = lines[place];
      line.place = place;
      line.instructions += cost * static_cast<double>(counted.warps);
      line.active_lanes += cost * static_cast<double>(counted.lanes) / kLanes;
    });
  }
  std::vector<LineMeter> result;
  for (auto& [place, line] : lines) {
    line.active_lanes = line.instructions > 0 ? line.active_lanes / line.instructions : 0;
    result.push_back(line);
  }
  std::sort(result.begin(), result.end(),
            [](const LineMeter& a, const LineMeter& b) { return a.instructions > b.instructions; });
  result.resize(std::min(result.size(), count));
  return result;
}

std::string table_of(const std::vector<KernelMeter>& kernels, u64 samples) {
  const double n = static_cast<double>(std::max<u64>(1, samples));
  std::string text = fmt::format("{:<22}{:>9}{:>12}{:>8}{:>26}{:>9}{:>9}{:>8}{:>8}{:>8}\n", "per sample",
                                 "items", "warp instr.", "lanes", "loads of 1, 2, 4, 8, 16 B", "lines",
                                 "sectors", "stores", "atomics", "local");
  double total = 0;
  for (const KernelMeter& kernel : kernels) {
    std::string loads;
    for (const u64 count : kernel.loads) loads += fmt::format(" {:.4g}", static_cast<double>(count) / n);
    const auto per_sample = [&](u64 count) { return fmt::format("{:.4g}", static_cast<double>(count) / n); };
    text +=
        fmt::format("{:<22}{:>9}{:>12.1f}{:>7.1f}%{:>26}{:>9}{:>9}{:>8}{:>8}{:>8}\n", readable(kernel.name),
                    per_sample(kernel.items), kernel.instructions / n, 100 * kernel.active_lanes, loads,
                    per_sample(kernel.load_lines), per_sample(kernel.load_sectors), per_sample(kernel.stores),
                    per_sample(kernel.atomics), per_sample(kernel.local));
    total += kernel.instructions;
  }
  return text + fmt::format("{:<22}{:>9}{:>12.1f}\n", "all", "", total / n);
}

std::string json_of(const std::vector<KernelMeter>& kernels, u64 samples) {
  nlohmann::ordered_json json;
  json["samples"] = samples;
  for (const KernelMeter& kernel : kernels) {
    nlohmann::ordered_json loads;
    for (std::size_t i = 0; i < kWidths; ++i) loads[std::to_string(1u << i)] = kernel.loads[i];
    json["kernels"][readable(kernel.name)] = {{"launches", kernel.launches},
                                              {"items", kernel.items},
                                              {"warps", kernel.warps},
                                              {"warp_instructions", kernel.instructions},
                                              {"ptx_instructions", kernel.ptx_instructions},
                                              {"active_lanes", kernel.active_lanes},
                                              {"loads_by_bytes", loads},
                                              {"load_lanes", kernel.load_lanes},
                                              {"load_lines", kernel.load_lines},
                                              {"load_sectors", kernel.load_sectors},
                                              {"stores", kernel.stores},
                                              {"store_sectors", kernel.store_sectors},
                                              {"atomics", kernel.atomics},
                                              {"atomic_sectors", kernel.atomic_sectors},
                                              {"local", kernel.local},
                                              {"local_lines", kernel.local_lines},
                                              {"shared", kernel.shared},
                                              {"shared_passes", kernel.shared_passes}};
  }
  return json.dump(2) + "\n";
}

}  // namespace oct::simt
