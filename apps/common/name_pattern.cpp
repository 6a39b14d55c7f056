#include "common/name_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "base/escaped.hpp"
#include "net/address.hpp"

#if defined(_WIN32)
#include <process.h>
#else
#include <unistd.h>
#endif

namespace oct {
namespace {

constexpr std::size_t kMostJobBytes = 64;

/// Job and task where an array of jobs has both. Engines that know no arrays say "undefined" or 0.
struct JobVariables {
  const char* job;
  const char* array;  ///< of the array that the task belongs to, where that is another number
  const char* task;
};
constexpr JobVariables kEngines[] = {
    {"SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"},
    {"PBS_JOBID", nullptr, nullptr},  // "812[3].server": task and server are in it
    {"LSB_JOBID", nullptr, "LSB_JOBINDEX"},
    {"JOB_ID", nullptr, "SGE_TASK_ID"},
};

std::string job_of(const JobVariables& engine, const VariableReader& environment) {
  std::string job = environment(engine.job);
  if (job.empty() || engine.task == nullptr) return job;
  const std::string task = environment(engine.task);
  if (task.empty() || task == "undefined" || (task == "0" && engine.array == nullptr)) return job;
  const std::string array = engine.array != nullptr ? environment(engine.array) : std::string();
  return fmt::format("{}_{}", array.empty() ? job : array, task);
}

/// Engines may say whatever they like; a name is shown in terminals and logs.
std::string as_part_of_name(std::string job) {
  const auto is_odd = [](unsigned char c) {
    return std::isalnum(c) == 0 && std::strchr("._-[]", c) == nullptr;
  };
  std::replace_if(job.begin(), job.end(), is_odd, '_');
  return job.substr(0, kMostJobBytes);
}

int process_number() {
#if defined(_WIN32)
  return _getpid();
#else
  return static_cast<int>(getpid());
#endif
}

}  // namespace

VariableReader system_variables() {
  return [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
}

std::string job_number(const VariableReader& environment) {
  for (const JobVariables& engine : kEngines) {
    if (const std::string job = job_of(engine, environment); !job.empty()) return as_part_of_name(job);
  }
  return std::to_string(process_number());
}

Result<std::string> name_of_pattern(const std::string& option, const std::string& pattern,
                                    const VariableReader& environment) {
  std::string name;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      name += pattern[i];
      continue;
    }
    const char letter = ++i < pattern.size() ? pattern[i] : '\0';
    if (letter == 'h') {
      name += host_name();
    } else if (letter == 'j') {
      name += job_number(environment);
    } else if (letter == '%') {
      name += '%';
    } else {
      return fail(ErrorKind::invalid_input,
                  fmt::format("{} {}: {} means nothing", option, escaped(pattern),
                              letter == '\0' ? "a % at its end" : escaped(pattern.substr(i - 1, 2))),
                  "%h is this computer's name, %j the job's number, %% a percent sign");
    }
  }
  return name;
}

}  // namespace oct
