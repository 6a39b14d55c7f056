#pragma once
#include <sstream>
#include <string>
#include <vector>

namespace oct::simt {

/// "a.ptx:b.ptx" as its parts.
inline std::vector<std::string> files_in(const std::string& text) {
  std::vector<std::string> files;
  std::istringstream list(text);
  for (std::string file; std::getline(list, file, ':');) files.push_back(file);
  return files;
}

/// The PTX of the product's device code that the build made, one file for each .cu.
inline std::vector<std::string> product_ptx() {
  return files_in(OCT_SIMT_PTX);
}

}  // namespace oct::simt
