#include "base/thread_limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include "base/control_group.hpp"
#include "base/plural.hpp"

#if defined(_WIN32)
#include <windows.h>
#elif defined(__linux__)
#include <sched.h>
#include <unistd.h>
#endif

namespace oct {
namespace {

using Cap = ThreadLimit::Cap;

const char* name_of(Cap cap) {
  switch (cap) {
    case Cap::none: break;
    case Cap::affinity: return "CPU affinity";
    case Cap::group_quota: return "cgroup quota";
    case Cap::one_group: return "one processor group";
    case Cap::job_quota: return "CPU limit of the job";
  }
  return "";
}

}  // namespace

#if defined(_WIN32)

namespace {

unsigned bits_of(DWORD_PTR mask) {
  unsigned count = 0;
  for (; mask != 0; mask &= mask - 1) ++count;
  return count;
}

/// The groups that threads of this process run on unless they ask for another: one, or all of them since Windows 11.
std::vector<USHORT> own_groups() {
  std::vector<USHORT> groups(64);
  auto count = static_cast<USHORT>(groups.size());
  if (!GetProcessGroupAffinity(GetCurrentProcess(), &count, groups.data())) count = 0;
  groups.resize(count);
  return groups;
}

void read_affinity(ProcessorFacts& facts) {
  const std::vector<USHORT> groups = own_groups();
  DWORD_PTR own = 0, all = 0;
  const bool is_masked = GetProcessAffinityMask(GetCurrentProcess(), &own, &all) != 0 && own != 0;
  facts.allowed_by = Cap::one_group;
  if (groups.size() <= 1 && is_masked) {
    facts.allowed = bits_of(own);
    if (own != all) facts.allowed_by = Cap::affinity;
    return;
  }
  // of several: no mask has been set, as that would have chosen one
  for (const USHORT group : groups) facts.allowed += GetActiveProcessorCount(group);
}

/// Of the whole computer; nothing without a hard limit.
std::optional<double> share_of_job() {
  constexpr double kWhole = 10000;
  constexpr DWORD kHard = JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP;
  JOBOBJECT_CPU_RATE_CONTROL_INFORMATION rate{};
  if (!QueryInformationJobObject(nullptr, JobObjectCpuRateControlInformation, &rate, sizeof rate, nullptr) ||
      (rate.ControlFlags & kHard) != kHard)
    return std::nullopt;
  return rate.CpuRate / kWhole;
}

}  // namespace

ProcessorFacts processor_facts(const std::filesystem::path&) {
  ProcessorFacts facts;
  const DWORD active = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
  facts.computer = active != 0 ? active : std::thread::hardware_concurrency();
  read_affinity(facts);
  facts.quota_by = Cap::job_quota;
  if (const auto share = share_of_job()) facts.quota = *share * facts.computer;
  return facts;
}

#elif defined(__linux__)

namespace {

namespace fs = std::filesystem;

/// Processors that the calling thread may run on; 0 when the system does not tell.
unsigned allowed_processors() {
  constexpr std::size_t kMost = std::size_t{1} << 20;
  for (std::size_t processors = 1024; processors <= kMost; processors *= 4) {
    std::vector<unsigned char> bits(processors / 8);
    if (sched_getaffinity(0, bits.size(), reinterpret_cast<cpu_set_t*>(bits.data())) == 0) {
      unsigned count = 0;
      for (const unsigned char byte : bits) {
        for (unsigned rest = byte; rest != 0; rest &= rest - 1) ++count;
      }
      return count;
    }
  }
  return 0;
}

/// CPUs that a quota of microseconds in a period comes to; nothing without one.
std::optional<double> share_of(double quota, double period) {
  return quota > 0 && period > 0 ? std::optional(quota / period) : std::nullopt;
}

/// Version 2: "max 100000" or "250000 100000".
std::optional<double> share_in_cpu_max(const fs::path& folder) {
  double quota = 0, period = 0;
  std::ifstream stream(folder / "cpu.max");
  return stream >> quota >> period ? share_of(quota, period) : std::nullopt;
}

/// Version 1; a quota of -1 is none.
std::optional<double> share_in_cfs_quota(const fs::path& folder) {
  double quota = 0, period = 0;
  std::ifstream(folder / "cpu.cfs_quota_us") >> quota;
  std::ifstream(folder / "cpu.cfs_period_us") >> period;
  return share_of(quota, period);
}

std::optional<double> tightest_quota(const fs::path& root) {
  const fs::path mount = root / "sys/fs/cgroup";
  std::optional<double> tightest;
  const auto heed = [&](std::optional<double> share) {
    if (share && (!tightest || *share < *tightest)) tightest = share;
  };
  for (const fs::path& folder : control_group_folders(root, "", mount)) heed(share_in_cpu_max(folder));
  for (const char* name : {"cpu", "cpu,cpuacct"}) {  // usually one is a link to the other
    for (const fs::path& folder : control_group_folders(root, "cpu", mount / name))
      heed(share_in_cfs_quota(folder));
  }
  return tightest;
}

}  // namespace

ProcessorFacts processor_facts(const fs::path& root) {
  ProcessorFacts facts;
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  facts.computer = online > 0 ? static_cast<unsigned>(online) : std::thread::hardware_concurrency();
  facts.allowed = allowed_processors();
  facts.quota = tightest_quota(root);
  return facts;
}

#else

ProcessorFacts processor_facts(const std::filesystem::path&) {
  ProcessorFacts facts;
  facts.computer = std::thread::hardware_concurrency();
  return facts;
}

#endif

ThreadLimit thread_limit_of(const ProcessorFacts& facts) {
  ThreadLimit limit;
  limit.threads = limit.computer = std::max(1u, facts.computer);
  if (facts.allowed > 0 && facts.allowed < limit.threads) {
    limit.threads = facts.allowed;
    limit.cap = facts.allowed_by;
  }
  const double wanted = std::ceil(facts.quota.value_or(limit.threads));
  if (wanted < limit.threads) {
    limit.threads = std::max(1u, static_cast<unsigned>(std::max(0.0, wanted)));
    limit.cap = facts.quota_by;
  }
  return limit;
}

unsigned usable_threads() {
  return thread_limit().threads;
}

std::string thread_limit_text(const ThreadLimit& limit) {
  const std::string threads = fmt::format("{} thread{}", limit.threads, plural(limit.threads));
  return limit.cap == Cap::none ? threads
                                : fmt::format("{} (of {}: {})", threads, limit.computer, name_of(limit.cap));
}

}  // namespace oct
