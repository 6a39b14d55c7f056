#include "base/memory_limit.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>

#include "base/control_group.hpp"

#if defined(_WIN32)
#include <windows.h>
// after windows.h
#include <psapi.h>
#endif

namespace oct {
namespace {

constexpr const char* kFreeMemory = "free memory of this computer";

void tighten(std::optional<MemoryLimit>& tightest, std::uint64_t bytes, const char* what) {
  if (!tightest || bytes < tightest->bytes) tightest = MemoryLimit{bytes, what};
}

#if !defined(_WIN32)

namespace fs = std::filesystem;

using MaybeBytes = std::optional<std::uint64_t>;

/// What is left of a limit, and what this process has already.
std::uint64_t left_for_us(std::uint64_t limit, std::uint64_t used, std::uint64_t own) {
  return (limit > used ? limit - used : 0) + own;
}

MaybeBytes whole_from(std::string_view text) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() ? MaybeBytes(value) : std::nullopt;
}

/// The only number of a file; none for "max", and for what version 1 means by it.
MaybeBytes number_in(const fs::path& file) {
  constexpr std::uint64_t kUnlimited = std::uint64_t{1} << 62;
  std::string word;
  std::ifstream(file) >> word;
  const MaybeBytes value = whole_from(word);
  return value && *value < kUnlimited ? value : std::nullopt;
}

/// The number behind `key` at the beginning of a line.
MaybeBytes number_behind(const fs::path& file, const std::string& key, std::uint64_t unit) {
  std::ifstream stream(file);
  std::string word, number;
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    if (!(words >> word >> number) || word != key) continue;
    const MaybeBytes value = whole_from(number);
    return value ? MaybeBytes(*value * unit) : std::nullopt;
  }
  return std::nullopt;
}

/// The soft limit of a line of /proc/self/limits; none for "unlimited".
MaybeBytes user_limit(const fs::path& root, std::string_view name) {
  std::ifstream stream(root / "proc/self/limits");
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(name)) continue;
    std::istringstream words(line.substr(name.size()));
    std::string soft;
    words >> soft;
    return whole_from(soft);
  }
  return std::nullopt;
}

struct GroupFiles {
  std::array<const char*, 2> limits;
  const char* used;
  std::array<const char*, 2> caches;  ///< keys of memory.stat: what is given up when memory gets short
};

void tighten_by_group(std::optional<MemoryLimit>& tightest, const fs::path& folder, const GroupFiles& files,
                      std::uint64_t own) {
  MaybeBytes limit;
  for (const char* name : files.limits) {
    const MaybeBytes value = *name == '\0' ? std::nullopt : number_in(folder / name);
    if (value) limit = std::min(*value, limit.value_or(*value));
  }
  if (!limit) return;
  std::uint64_t used = number_in(folder / files.used).value_or(own);
  for (const char* cache : files.caches)
    used -= std::min(used, number_behind(folder / "memory.stat", cache, 1).value_or(0));
  tighten(tightest, left_for_us(*limit, used, own), "memory limit of the container");
}

#endif

}  // namespace

#if defined(_WIN32)

std::optional<MemoryLimit> memory_limit(const std::filesystem::path&) {
  std::optional<MemoryLimit> tightest;
  PROCESS_MEMORY_COUNTERS own{};
  if (!K32GetProcessMemoryInfo(GetCurrentProcess(), &own, sizeof own)) return std::nullopt;
  MEMORYSTATUSEX memory{};
  memory.dwLength = sizeof memory;
  if (GlobalMemoryStatusEx(&memory)) {
    tighten(tightest, memory.ullAvailPhys + own.WorkingSetSize, kFreeMemory);
    tighten(tightest, memory.ullAvailPageFile + own.PagefileUsage,
            "memory that this computer can still promise (physical memory and page file)");
  }
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION job{};
  if (QueryInformationJobObject(nullptr, JobObjectExtendedLimitInformation, &job, sizeof job, nullptr)) {
    const DWORD flags = job.BasicLimitInformation.LimitFlags;
    if ((flags & JOB_OBJECT_LIMIT_PROCESS_MEMORY) != 0)
      tighten(tightest, job.ProcessMemoryLimit, "memory limit of a process of the job");
    if ((flags & JOB_OBJECT_LIMIT_JOB_MEMORY) != 0)
      tighten(tightest, job.JobMemoryLimit, "memory limit of the job");
  }
  return tightest;
}

#else

std::optional<MemoryLimit> memory_limit(const fs::path& root) {
  constexpr std::uint64_t kKilo = 1024;
  constexpr GroupFiles kVersion2{
      {"memory.max", "memory.high"}, "memory.current", {"inactive_file", "active_file"}};
  constexpr GroupFiles kVersion1{
      {"memory.limit_in_bytes", ""}, "memory.usage_in_bytes", {"total_inactive_file", "total_active_file"}};
  const fs::path status = root / "proc/self/status";
  const std::uint64_t own = number_behind(status, "VmRSS:", kKilo).value_or(0);
  std::optional<MemoryLimit> tightest;
  if (const auto available = number_behind(root / "proc/meminfo", "MemAvailable:", kKilo))
    tighten(tightest, *available + own, kFreeMemory);
  const fs::path mount = root / "sys/fs/cgroup";
  for (const fs::path& folder : control_group_folders(root, "", mount))
    tighten_by_group(tightest, folder, kVersion2, own);
  for (const fs::path& folder : control_group_folders(root, "memory", mount / "memory"))
    tighten_by_group(tightest, folder, kVersion1, own);
  if (const auto limit = user_limit(root, "Max address space"))
    tighten(tightest, left_for_us(*limit, number_behind(status, "VmSize:", kKilo).value_or(own), own),
            "limit of the user (ulimit -v)");
  if (const auto limit = user_limit(root, "Max data size"))
    tighten(tightest, left_for_us(*limit, number_behind(status, "VmData:", kKilo).value_or(own), own),
            "limit of the user (ulimit -d)");
  return tightest;
}

#endif

}  // namespace oct
