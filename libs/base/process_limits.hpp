#pragma once
#include <cstdint>
#include <functional>
#include <optional>

// What the system lets this process have besides memory.

namespace oct {

/// How many files this process may have open at the same time, sockets among them; nothing where there is no
/// such limit.
std::optional<std::uint64_t> open_files_limit();

/// Raises what this process may raise by itself: its open files as far as the system lets it, the stacks of
/// threads that are started from now on to what the programs need, whatever `ulimit -s` says.
void raise_process_limits();

/// Calls `run` where there is stack enough for it: on this thread, or, when its stack cannot grow to that, on
/// another one, which ends before this returns. What `run` throws is thrown here.
void with_enough_stack(const std::function<void()>& run);

}  // namespace oct
