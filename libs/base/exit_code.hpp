#pragma once
#include "base/result.hpp"

namespace oct {

/// What a program tells its caller; a contract between master, slave, daemon, installers and scripts.
/// Documented in docs/exit_codes.md; a number never changes its meaning.
enum class ExitCode : int {
  done = 0,           ///< all that was asked for is done
  internal = 1,       ///< a bug of ours
  usage = 2,          ///< wrong command line or preferences
  input = 3,          ///< scene, jobs file or other input missing or invalid
  output = 4,         ///< output cannot be written
  device = 5,         ///< no usable device, or not enough memory
  network = 6,        ///< port in use, master or wanted slaves not reached
  version = 7,        ///< the other side has another version or other kernels
  activation = 8,     ///< not activated, or another farm's key
  incomplete = 9,     ///< samples missing, or some frames failed
  checkpoint = 10,    ///< the checkpoint belongs to another render
  doctor = 11,        ///< doctor found a fault
  hung_up = 129,      ///< stopped because its terminal was closed (SIGHUP)
  interrupted = 130,  ///< stopped by CTRL-C
  terminated = 143,   ///< stopped by SIGTERM
};

/// What a program ends with when an error of this kind ends it. A caller that knows better says so itself: a scene that is
/// invalid is `input`, a missing key `activation`.
ExitCode exit_code_of(ErrorKind kind);

}  // namespace oct
