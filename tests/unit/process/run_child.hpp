#pragma once
#include "process/child_process.hpp"

namespace oct {

struct ChildOutput {
  ChildExit exit;
  std::string text;  ///< of standard output
};

/// Runs a program to its end. timed_out, and the child is killed, when it takes longer than `limit`;
/// exhausted when it says more than `max_output` bytes.
Result<ChildOutput> run_child(const ChildCommand& command, Duration limit, std::size_t max_output);

/// What the system's shell is to do.
ChildCommand shell(const std::string& script);

}  // namespace oct
