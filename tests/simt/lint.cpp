#include "simt/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>

#include "simt/opcode.hpp"

namespace oct::simt {
namespace {

/// Intrinsics whose result is fixed, and which nvcc expands into fused or approximate instructions.
constexpr std::array<std::string_view, 2> kExactExpansions = {"__frsqrt_rn(", "__frcp_rn("};
constexpr std::string_view kFused = "__fmaf_rn(";

constexpr std::array<std::string_view, 4> kRounded = {"add", "sub", "mul", "fma"};
constexpr std::array<std::string_view, 4> kRoundedOrApproximate = {"div", "sqrt", "rcp", "mad"};
constexpr std::array<std::string_view, 6> kApproximateAlways = {"sin", "cos", "ex2", "lg2", "tanh", "rsqrt"};

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Why the instruction offends, given the source line that it came from; empty when it does not.
std::string offence_of(const Statement& statement, const std::string& source) {
  Opcode opcode(statement.opcode);
  const bool is_float = opcode.take("f32") || opcode.take("f64");
  if (!is_float) return "";
  const std::string& base = opcode.base();
  const bool in_expansion =
      std::any_of(kExactExpansions.begin(), kExactExpansions.end(),
                  [&](std::string_view name) { return source.find(name) != std::string::npos; });
  if (base == "atom" || base == "red")
    return opcode.take("add") ? "a sum of floats that depends on the order of threads" : "";
  if (base == "ld" || base == "st" || base == "mov") return "";
  const bool approximate = opcode.take("approx") || opcode.take("full") || holds(kApproximateAlways, base);
  const bool flushes = opcode.take("ftz");
  if ((approximate || flushes) && !in_expansion)
    return approximate ? "approximate, where the source asks for no such thing" : "flushes denormals to zero";
  if (approximate) return "";
  const bool rounds = holds(kRounded, base) || holds(kRoundedOrApproximate, base);
  if (rounds && !opcode.take("rn"))
    return "rounding is not written, so ptxas may fuse it with another operation";
  if ((base == "fma" || base == "mad") && !in_expansion && source.find(kFused) == std::string::npos)
    return "a fused multiply-add, where the source asks for none";
  return "";
}

}  // namespace

std::vector<std::string> offences(const PtxText& text, const SourceLine& source_line) {
  std::vector<std::string> found;
  for (const FunctionText& function : text.functions) {
    for (const Statement& statement : function.statements) {
      const auto file = text.files.find(statement.place.file);
      const std::string path = file == text.files.end() ? "" : file->second;
      const std::string source = path.empty() ? "" : source_line(path, statement.place.line);
      const std::string why = offence_of(statement, source);
      if (why.empty()) continue;
      found.push_back(fmt::format("{}: {} (from {}:{}): {}", place_in(text, statement.line), statement.opcode,
                                  path.empty() ? "no source line" : path, statement.place.line, why));
    }
  }
  return found;
}

std::string line_of_file(const std::string& path, u32 line) {
  static std::map<std::string, std::vector<std::string>> files;
  const auto [found, fresh] = files.try_emplace(path);
  if (fresh) {
    std::ifstream file(path);
    for (std::string text; std::getline(file, text);) found->second.push_back(text);
  }
  return line >= 1 && line <= found->second.size() ? found->second[line - 1] : "";
}

}  // namespace oct::simt
