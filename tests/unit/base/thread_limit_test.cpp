#include "base/thread_limit.hpp"

#include <fstream>
#include <string>

#include "base/thread_pool.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#if defined(__linux__)
#include <sched.h>
#elif defined(_WIN32)
#include <windows.h>
#endif

using namespace oct;
using oct::test::TempDir;
using Cap = ThreadLimit::Cap;

TEST_CASE("without a limit all threads of the computer count", "[base][threads]") {
  const ThreadLimit limit = thread_limit_of({.computer = 64});
  CHECK(limit.threads == 64);
  CHECK(limit.cap == Cap::none);
  CHECK(thread_limit_text(limit) == "64 threads");
  CHECK(thread_limit_of({.computer = 64, .allowed = 64, .quota = 64.0}).cap == Cap::none);
  CHECK(thread_limit_of({.computer = 0}).threads == 1);
  CHECK(thread_limit_text(thread_limit_of({.computer = 1})) == "1 thread");
}

TEST_CASE("affinity and quota: the tighter one counts, and is named", "[base][threads]") {
  CHECK(thread_limit_text(thread_limit_of({.computer = 64, .allowed = 8})) ==
        "8 threads (of 64: CPU affinity)");
  CHECK(thread_limit_text(thread_limit_of({.computer = 64, .allowed = 8, .quota = 6.0})) ==
        "6 threads (of 64: cgroup quota)");
  CHECK(thread_limit_text(thread_limit_of({.computer = 64, .allowed = 8, .quota = 9.0})) ==
        "8 threads (of 64: CPU affinity)");
  CHECK(thread_limit_text(thread_limit_of({.computer = 128, .allowed = 64, .allowed_by = Cap::one_group})) ==
        "64 threads (of 128: one processor group)");
}

TEST_CASE("a part of a CPU is worth a thread", "[base][threads]") {
  CHECK(thread_limit_of({.computer = 64, .quota = 2.5}).threads == 3);
  CHECK(thread_limit_of({.computer = 64, .quota = 0.1}).threads == 1);
  CHECK(thread_limit_of({.computer = 4, .quota = 3.5}).cap == Cap::none);
}

#if defined(__linux__)

namespace {

class MadeUpGroups {
 public:
  void write(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }
  std::optional<double> quota() const { return processor_facts(folder_.path()).quota; }

 private:
  TempDir folder_;
};

}  // namespace

TEST_CASE("the quota of a version 2 group and of those above counts", "[base][threads]") {
  const MadeUpGroups system;
  CHECK_FALSE(system.quota());
  system.write("proc/self/cgroup", "0::/a/b\n");
  system.write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  CHECK_FALSE(system.quota());
  system.write("sys/fs/cgroup/a/cpu.max", "250000 100000\n");
  CHECK(system.quota() == 2.5);
  system.write("sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
  CHECK(system.quota() == 0.5);
  system.write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  system.write("sys/fs/cgroup/cpu.max", "200000 100000\n");  // a container's own group, seen as the root
  CHECK(system.quota() == 2.0);
}

TEST_CASE("the quota of a version 1 group counts, under either name of its hierarchy", "[base][threads]") {
  const MadeUpGroups system;
  system.write("proc/self/cgroup", "4:memory:/m\n3:cpu,cpuacct:/docker/1\n0::/\n");
  const std::string name = GENERATE("cpu", "cpu,cpuacct");
  system.write("sys/fs/cgroup/" + name + "/docker/1/cpu.cfs_quota_us", "-1\n");
  system.write("sys/fs/cgroup/" + name + "/docker/1/cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(system.quota());
  system.write("sys/fs/cgroup/" + name + "/docker/1/cpu.cfs_quota_us", "600000\n");
  CHECK(system.quota() == 6.0);
}

TEST_CASE("a quota that is not one is none", "[base][threads]") {
  const MadeUpGroups system;
  system.write("proc/self/cgroup", "0::/a\n");
  for (const char* text : {"", "nonsense", "-5 100000", "0 100000", "100000 0", "100000"}) {
    system.write("sys/fs/cgroup/a/cpu.max", text);
    INFO(text);
    CHECK_FALSE(system.quota());
  }
}

#endif

#if defined(__linux__) || defined(_WIN32)

namespace {

/// As long as it lives, this thread (Windows: this process) may use one processor only.
class OneProcessor {
#if defined(__linux__)
 public:
  OneProcessor() {
    if (sched_getaffinity(0, sizeof all_, &all_) != 0) return;
    cpu_set_t first;
    CPU_ZERO(&first);
    for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&first) == 0; ++i) {
      if (CPU_ISSET(i, &all_)) CPU_SET(i, &first);
    }
    good_ = sched_setaffinity(0, sizeof first, &first) == 0;
  }
  ~OneProcessor() {
    if (good_) sched_setaffinity(0, sizeof all_, &all_);
  }

 private:
  cpu_set_t all_;
#else
 public:
  OneProcessor() {
    DWORD_PTR system = 0;
    good_ = GetProcessAffinityMask(GetCurrentProcess(), &all_, &system) != 0 &&
            SetProcessAffinityMask(GetCurrentProcess(), all_ & (~all_ + 1)) != 0;
  }
  ~OneProcessor() {
    if (good_) SetProcessAffinityMask(GetCurrentProcess(), all_);
  }

 private:
  DWORD_PTR all_ = 0;
#endif
 public:
  OneProcessor(const OneProcessor&) = delete;
  OneProcessor& operator=(const OneProcessor&) = delete;
  bool good() const {
    return good_;
  }

 private:
  bool good_ = false;
};

}  // namespace

TEST_CASE("who may use one processor starts one thread", "[base][threads]") {
  const OneProcessor one;
  if (!one.good()) {
    WARN("the affinity cannot be changed here");
    return;
  }
  const ThreadLimit limit = thread_limit();
  CHECK(limit.threads == 1);
  CHECK(ThreadPool().thread_count() == 1);
  CHECK(limit.cap == (limit.computer > 1 ? Cap::affinity : Cap::none));
}

#endif
