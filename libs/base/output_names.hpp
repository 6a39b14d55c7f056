#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace oct {

/// The files that a program is about to write. No two may be one file, whatever they are called: `a.png` and `./a.png`, a
/// name behind a symbolic link or a linked folder, two hard links. FIFOs and devices may be shared. Touches no file.
class OutputNames {
 public:
  /// `what` is it for people: "the report". An empty path is none. `invalid_input`, with both names, for a file that is
  /// here already.
  Result<void> add(const std::string& what, const std::string& path);

 private:
  struct Name {
    std::string what;
    std::string path;
    std::filesystem::path place;  ///< behind links and dots
  };

  std::vector<Name> names_;
};

}  // namespace oct
