#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace oct {

/// What stands at the end of an output's path, all links followed.
struct OutputTarget {
  enum class Kind {
    file,    ///< a regular file, or nothing yet: written beside it, then renamed
    stream,  ///< a FIFO, a character device, an open descriptor: written to as it is, never replaced
  };
  Kind kind = Kind::file;
  std::filesystem::path path;  ///< behind the links
  std::optional<int>
      descriptor;  ///< of this process, where the path names one (/dev/stdout, /proc/self/fd/1)
  bool exists = false;
};

/// Follows the links of `path` (UTF-8), dangling ones too. `output` errors for what cannot be written to: a
/// folder, a block device, a socket, links that lead in a circle. Changes nothing.
Result<OutputTarget> find_output_target(const std::string& path);

}  // namespace oct
