#pragma once
#include <filesystem>
#include <map>
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
  };

  const Name* find_same(const std::filesystem::path& place) const;

  std::map<std::filesystem::path, Name>
      names_;  ///< by their place behind links and dots; frames are thousands
  /// Of those that exist and may be known by other names: by the system's number for the file, or all under "".
  std::multimap<std::string, std::filesystem::path> files_;
};

}  // namespace oct
