#pragma once
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace oct {

/// The files of corpus/<target> and crashes/<target>.
inline std::vector<Bytes> corpus_of(const std::string& target) {
  std::vector<Bytes> inputs;
  for (const char* folder : {"corpus", "crashes"}) {
    const auto path = std::filesystem::path("tests/fuzz") / folder / target;
    if (!std::filesystem::exists(path)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string content{std::istreambuf_iterator<char>(file), {}};
      const ByteView view = std::as_bytes(std::span(content));
      inputs.emplace_back(view.begin(), view.end());
    }
  }
  return inputs;
}

}  // namespace oct
