#include "base/priority.hpp"

#if defined(_WIN32)
#include <windows.h>
#else
#include <sys/resource.h>
#endif

namespace oct {

void lower_process_priority() {
#if defined(_WIN32)
  SetPriorityClass(GetCurrentProcess(), BELOW_NORMAL_PRIORITY_CLASS);
#else
  setpriority(PRIO_PROCESS, 0, 10);  // an improvement, no condition
#endif
}

}  // namespace oct
