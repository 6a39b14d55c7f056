#include "base/memory_limit.hpp"

#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using oct::test::TempDir;

#if defined(_WIN32)

TEST_CASE("this computer has memory", "[base][memory]") {
  const auto limit = memory_limit();
  REQUIRE(limit);
  CHECK(limit->bytes > 16u << 20);
}

#else

namespace {

constexpr std::uint64_t kMega = 1 << 20;

/// A made-up /proc and /sys of a process with 100 MB resident, 300 MB of addresses, on a computer with 4000
/// MB available.
class MadeUpSystem {
 public:
  MadeUpSystem() {
    write("proc/meminfo", "MemTotal: 9000000 kB\nMemFree: 10 kB\nMemAvailable: " + kilos(4000) +
                              " kB\nSwapFree: 9999999 kB\n");
    write("proc/self/status", "Name:\tx\nVmSize:\t" + kilos(300) + " kB\nVmRSS:\t " + kilos(100) +
                                  " kB\nVmData:\t" + kilos(200) + " kB\n");
    limits("unlimited", "unlimited");
  }
  static std::string kilos(std::uint64_t megas) { return std::to_string(megas * 1024); }
  static std::string bytes(std::uint64_t megas) { return std::to_string(megas * kMega) + "\n"; }

  void write(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }
  void limits(const std::string& data, const std::string& addresses) const {
    write("proc/self/limits",
          "Limit                     Soft Limit           Hard Limit           Units     \n"
          "Max data size             " +
              data +
              "            unlimited            bytes     \n"
              "Max address space         " +
              addresses + "            unlimited            bytes     \n");
  }
  MemoryLimit limit() const {
    const auto limit = memory_limit(folder_.path());
    REQUIRE(limit);
    return *limit;
  }

 private:
  TempDir folder_;
};

}  // namespace

TEST_CASE("free memory is what is available, and what the process has", "[base][memory]") {
  const MadeUpSystem system;
  CHECK(system.limit().bytes == 4100 * kMega);
  CHECK(system.limit().what == "free memory of this computer");
}

TEST_CASE("limits of a version 2 group and of those above count", "[base][memory]") {
  const MadeUpSystem system;
  system.write("proc/self/cgroup", "0::/a/b\n");
  system.write("sys/fs/cgroup/a/b/memory.max", "max\n");
  system.write("sys/fs/cgroup/a/b/memory.high", "max\n");
  CHECK(system.limit().bytes == 4100 * kMega);

  system.write("sys/fs/cgroup/a/memory.max", MadeUpSystem::bytes(1000));
  system.write("sys/fs/cgroup/a/memory.current", MadeUpSystem::bytes(700));
  CHECK(system.limit().bytes == 400 * kMega);  // 1000 - 700 + 100
  CHECK(system.limit().what == "memory limit of the container");
  system.write("sys/fs/cgroup/a/memory.stat", "anon 1\nactive_file " + MadeUpSystem::bytes(150) +
                                                  "inactive_file " + MadeUpSystem::bytes(50));
  CHECK(system.limit().bytes == 600 * kMega);

  system.write("sys/fs/cgroup/a/b/memory.high", MadeUpSystem::bytes(500));
  system.write("sys/fs/cgroup/a/b/memory.current", MadeUpSystem::bytes(250));
  CHECK(system.limit().bytes == 350 * kMega);
  system.write("sys/fs/cgroup/a/b/memory.current", MadeUpSystem::bytes(900));  // more than high is possible
  CHECK(system.limit().bytes == 100 * kMega);
}

TEST_CASE("a container whose group is the root of all has its limit there", "[base][memory]") {
  const MadeUpSystem system;
  system.write("proc/self/cgroup", "0::/docker/0123\n");
  system.write("sys/fs/cgroup/memory.max", MadeUpSystem::bytes(800));
  system.write("sys/fs/cgroup/memory.current", MadeUpSystem::bytes(100));
  CHECK(system.limit().bytes == 800 * kMega);
}

TEST_CASE("limits of a version 1 group count", "[base][memory]") {
  const MadeUpSystem system;
  system.write("proc/self/cgroup", "9:cpu,cpuacct:/x\n8:memory:/job\n1:name=systemd:/y\n");
  system.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  system.write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", MadeUpSystem::bytes(900));
  system.write("sys/fs/cgroup/memory/job/memory.usage_in_bytes", MadeUpSystem::bytes(600));
  system.write("sys/fs/cgroup/memory/job/memory.stat", "total_inactive_file " + MadeUpSystem::bytes(20));
  CHECK(system.limit().bytes == 420 * kMega);
  CHECK(system.limit().what == "memory limit of the container");
}

TEST_CASE("limits of the user count addresses and data", "[base][memory]") {
  const MadeUpSystem system;
  system.limits("unlimited", std::to_string(1000 * kMega));
  CHECK(system.limit().bytes == 800 * kMega);  // 1000 - 300 + 100
  CHECK(system.limit().what == "limit of the user (ulimit -v)");
  system.limits(std::to_string(700 * kMega), std::to_string(1000 * kMega));
  CHECK(system.limit().bytes == 600 * kMega);  // 700 - 200 + 100
  CHECK(system.limit().what == "limit of the user (ulimit -d)");
}

TEST_CASE("a system that tells nothing has no limit, this one has", "[base][memory]") {
  const TempDir empty;
  CHECK_FALSE(memory_limit(empty.path()));
  const auto limit = memory_limit();
  REQUIRE(limit);
  CHECK(limit->bytes > 16 * kMega);
}

#endif
