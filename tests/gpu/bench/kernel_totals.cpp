#include "gpu/bench/kernel_totals.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <regex>

namespace oct::bench {
namespace {

std::string demangled(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? text.get() : name;
}

/// The arguments of the first template, or nothing.
std::string template_arguments(const std::string& text) {
  const std::size_t begin = text.find('<');
  if (begin == std::string::npos) return {};
  int depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '<') ++depth;
    if (text[i] == '>' && --depth == 0) return text.substr(begin + 1, i - begin - 1);
  }
  return {};
}

}  // namespace

std::string short_kernel_name(const std::string& name) {
  std::string text = std::regex_replace(demangled(name), std::regex(R"(\(anonymous namespace\)::)"), "");
  const std::size_t parameters = text.find('(');
  const std::string arguments = template_arguments(text.substr(0, parameters));
  text = arguments.empty() ? text.substr(0, parameters) : arguments;
  text = std::regex_replace(text, std::regex(R"(\w+::|^\w+ (?=\w)| )"), "");
  text = std::regex_replace(text, std::regex(R"(\btrue\b)"), "1");
  return std::regex_replace(text, std::regex(R"(\bfalse\b)"), "0");
}

void KernelTotals::add_kernel(const std::string& mangled, double seconds) {
  Kernel& kernel = kernels[short_kernel_name(mangled)];
  ++kernel.launches;
  kernel.seconds += seconds;
}

double KernelTotals::busy_seconds() const {
  double seconds = 0;
  for (const auto& [name, kernel] : kernels) seconds += kernel.seconds;
  return seconds;
}

}  // namespace oct::bench
