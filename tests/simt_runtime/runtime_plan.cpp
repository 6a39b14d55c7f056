#include "simt_runtime/runtime_plan.hpp"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "simt/fault.hpp"

namespace oct::simt {
namespace {

const std::map<std::string, int>& errors() {
  static const std::map<std::string, int> known = {
      {"memory", cudaErrorMemoryAllocation},
      {"no_device", cudaErrorNoDevice},
      {"driver_too_old", cudaErrorInsufficientDriver},
      {"devices_unavailable", cudaErrorDevicesUnavailable},
      {"no_kernel_image", cudaErrorNoKernelImageForDevice},
      {"ecc", cudaErrorECCUncorrectable},
      {"illegal_address", cudaErrorIllegalAddress},
      {"launch_timeout", cudaErrorLaunchTimeout},
      {"launch_failure", cudaErrorLaunchFailure},
      {"unknown", cudaErrorUnknown},
  };
  return known;
}

const std::map<std::string, RuntimeCall>& calls() {
  static const std::map<std::string, RuntimeCall> known = {
      {"count", RuntimeCall::count}, {"open", RuntimeCall::open}, {"allocate", RuntimeCall::allocate},
      {"pin", RuntimeCall::pin},     {"copy", RuntimeCall::copy}, {"launch", RuntimeCall::launch},
      {"wait", RuntimeCall::wait},   {"info", RuntimeCall::info},
  };
  return known;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream list(text);
  for (std::string part; std::getline(list, part, at);) parts.push_back(part);
  return parts;
}

double number(const std::string& text, const std::string& word) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0 && value <= 1e15))
    throw Fault(fmt::format("\"{}\": \"{}\" is not a number that it can have", word, text));
  return value;
}

template <class Map>
auto known(const Map& names, const std::string& name, const std::string& word) {
  const auto found = names.find(name);
  if (found == names.end()) throw Fault(fmt::format("\"{}\": there is no \"{}\"", word, name));
  return found->second;
}

void read_effect(FaultRule& rule, const std::string& effect, const std::string& word) {
  if (effect == "hang") {
    rule.effect = FaultRule::Effect::hang;
  } else if (effect.starts_with("slow")) {
    rule.effect = FaultRule::Effect::slow;
    rule.ms = static_cast<std::uint32_t>(number(effect.substr(4), word));
  } else {
    rule.error = known(errors(), effect, word);
  }
}

FaultRule rule_of(const std::string& value, const std::string& word) {
  const std::vector<std::string> parts = split(value, ':');
  if (parts.size() != 4) throw Fault(fmt::format("\"{}\": GPU:CALL:NTH:EFFECT is meant", word));
  FaultRule rule;
  rule.gpu = static_cast<int>(number(parts[0], word));
  rule.call = known(calls(), parts[1], word);
  std::string nth = parts[2];
  rule.onwards = nth.ends_with('+');
  if (rule.onwards) nth.pop_back();
  rule.nth = static_cast<std::uint64_t>(number(nth, word));
  read_effect(rule, parts[3], word);
  return rule;
}

GpuModel& gpu_of(RuntimePlan& plan, const std::vector<std::string>& parts, const std::string& word) {
  const auto index = parts.size() == 2 ? static_cast<std::size_t>(number(parts[0], word)) : plan.gpus.size();
  if (index >= plan.gpus.size()) throw Fault(fmt::format("\"{}\": GPU:BYTES is meant", word));
  return plan.gpus[index];
}

void read_word(RuntimePlan& plan, const std::string& word) {
  const std::size_t at = word.find('=');
  const std::string key = word.substr(0, at);
  const std::string value = at == std::string::npos ? "" : word.substr(at + 1);
  const std::vector<std::string> parts = split(value, ':');
  if (key == "gpus") {
    plan.gpus.assign(static_cast<std::size_t>(number(value, word)), GpuModel{});
  } else if (key == "memory") {
    gpu_of(plan, parts, word).memory_bytes = static_cast<std::uint64_t>(number(parts.back(), word));
  } else if (key == "used") {
    gpu_of(plan, parts, word).used_bytes = static_cast<std::uint64_t>(number(parts.back(), word));
  } else if (key == "fault") {
    plan.rules.push_back(rule_of(value, word));
  } else {
    throw Fault(fmt::format("\"{}\": gpus, memory, used or fault is meant", word));
  }
}

}  // namespace

RuntimePlan parse_runtime_plan(std::string_view text) {
  RuntimePlan plan;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) read_word(plan, word);
  return plan;
}

std::vector<std::string> fault_names() {
  std::vector<std::string> names;
  for (const auto& [name, error] : errors()) names.push_back(name);
  return names;
}

}  // namespace oct::simt
