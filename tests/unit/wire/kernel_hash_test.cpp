#include "wire/kernel_hash.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "support/catch.hpp"

namespace oct {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

bool counts(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".hpp" || extension == ".cpp" || extension == ".cuh" || extension == ".cu";
}

/// The files below `folder` that the hash is made of, with their paths from the root of the sources.
void add_files(const fs::path& folder, std::vector<fs::path>& files) {
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && counts(entry.path())) files.push_back(entry.path());
}

/// The digits of a file as scripts/cmake/kernel_hash.cmake hashes them: pairs with a blank behind each, CR LF
/// as LF.
std::string digits_of(const std::string& content) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string digits;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const auto byte = static_cast<unsigned char>(content[i]);
    if (byte == '\r' && i + 1 < content.size() && content[i + 1] == '\n') continue;
    digits += {kDigits[byte >> 4], kDigits[byte & 15], ' '};
  }
  return digits;
}

Digest sha256_of(const std::string& text) {
  Sha256 hash;
  hash.add(text);
  return hash.finish();
}

TEST_CASE("the kernel hash is that of the sources, worked out a second way", "[wire]") {
  if (!fs::exists("kernels/hd.hpp")) return;  // the programs were built elsewhere, as on Windows
  std::vector<fs::path> files;
  add_files("kernels", files);
  add_files("libs/wire", files);
  files.emplace_back("libs/film/contribution_codec.cpp");
  files.emplace_back("libs/film/contribution_codec.hpp");
  std::vector<std::string> names;
  for (const fs::path& file : files) names.push_back(file.generic_string());
  std::sort(names.begin(), names.end());
  std::string listing =
      "octane kernel hash 1\n"
      "fp-contract=off ftz=false daz=false prec-div=true prec-sqrt=true round=nearest little-endian\n";
  for (const std::string& name : names)
    listing += name + " " + sha256_of(digits_of(content_of(name))).hex() + "\n";
  CHECK(kernel_hash().hex() == sha256_of(listing).hex());
}

}  // namespace
}  // namespace oct
