#pragma once
#include <sstream>
#include <string>
#include <vector>

namespace oct::simt {

/// The PTX of the product's device code that the build made, one file for each .cu.
inline std::vector<std::string> product_ptx() {
  std::vector<std::string> files;
  std::istringstream list(OCT_SIMT_PTX);
  for (std::string file; std::getline(list, file, ':');) files.push_back(file);
  return files;
}

}  // namespace oct::simt
