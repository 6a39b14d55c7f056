#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace oct {

/// How many threads of this program the system lets work at the same time.
struct ThreadLimit {
  /// What keeps it below the computer's own number.
  enum class Cap {
    none,
    affinity,     ///< this program may not run on every processor
    group_quota,  ///< of CPU time, of its cgroup or one above (Linux)
    one_group,    ///< Windows: it runs on one group of at most 64 processors
    job_quota,    ///< of CPU time, of its job (Windows)
  };
  unsigned threads = 1;   ///< at least 1
  unsigned computer = 1;  ///< hardware threads of the whole computer
  Cap cap = Cap::none;
};

/// What the system says of processors.
struct ProcessorFacts {
  unsigned computer = 1;  ///< of the whole computer
  unsigned allowed = 0;   ///< that new threads may run on; 0 = not known
  ThreadLimit::Cap allowed_by = ThreadLimit::Cap::affinity;
  std::optional<double> quota{};  ///< in CPUs
  ThreadLimit::Cap quota_by = ThreadLimit::Cap::group_quota;
};

/// For the calling thread, whose affinity new threads inherit. `root` is where /proc and /sys are looked for. Takes a
/// fraction of a millisecond.
ProcessorFacts processor_facts(const std::filesystem::path& root = "/");

/// A quota of 2.5 CPUs asks for three threads.
ThreadLimit thread_limit_of(const ProcessorFacts& facts);

inline ThreadLimit thread_limit() {
  return thread_limit_of(processor_facts());
}

/// Of thread_limit(): what a program starts when the user names no number.
unsigned usable_threads();

/// "16 threads", "6 threads (of 64: cgroup quota)".
std::string thread_limit_text(const ThreadLimit& limit);

}  // namespace oct
