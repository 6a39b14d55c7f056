#include "device/cpu_info.hpp"

#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(_WIN32)
#include <windows.h>
#else
#include <unistd.h>
#endif

namespace oct {
namespace {

/// One space between words, none at the ends, without "(R)", "(TM)" and the like.
std::string tidy(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 3, "(R)") == 0 || text.compare(i, 3, "(r)") == 0) {
      i += 2;
    } else if (text.compare(i, 4, "(TM)") == 0 || text.compare(i, 4, "(tm)") == 0) {
      i += 3;
    } else if (text[i] != ' ' || (!result.empty() && result.back() != ' ')) {
      result += text[i];
    }
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

}  // namespace

std::string cpu_name() {
#if defined(__x86_64__)
  unsigned int words[12] = {};
  unsigned int highest = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(0x80000000u, &highest, &b, &c, &d) == 0 || highest < 0x80000004u) return "CPU";
  for (unsigned int i = 0; i < 3; ++i) {
    unsigned int* const part = words + 4 * i;
    __get_cpuid(0x80000002u + i, part, part + 1, part + 2, part + 3);
  }
  char text[sizeof words + 1] = {};
  std::memcpy(text, words, sizeof words);
  const std::string name = tidy(text);
  return name.empty() ? "CPU" : name;
#else
  return "CPU";
#endif
}

std::uint64_t physical_memory_bytes() {
#if defined(_WIN32)
  MEMORYSTATUSEX status{};
  status.dwLength = sizeof status;
  return GlobalMemoryStatusEx(&status) != 0 ? status.ullTotalPhys : 0;
#else
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  return pages > 0 && page_bytes > 0
             ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes)
             : 0;
#endif
}

}  // namespace oct
