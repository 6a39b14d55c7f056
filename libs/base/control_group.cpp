#include "base/control_group.hpp"

#include <fmt/format.h>

#include <fstream>
#include <optional>
#include <string>

namespace oct {
namespace {

namespace fs = std::filesystem;

/// Its name below the mount of the hierarchy.
std::optional<std::string> own_group(const fs::path& root, std::string_view controller) {
  std::ifstream stream(root / "proc/self/cgroup");
  for (std::string line; std::getline(stream, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = fmt::format(",{},", line.substr(first + 1, second - first - 1));
    const bool ours = controller.empty()
                          ? controllers == ",,"
                          : controllers.find(fmt::format(",{},", controller)) != std::string::npos;
    if (ours) return line.substr(second + 1);
  }
  return std::nullopt;
}

}  // namespace

std::vector<fs::path> control_group_folders(const fs::path& root, std::string_view controller,
                                            const fs::path& mount) {
  const auto group = own_group(root, controller);
  if (!group) return {};
  std::vector<fs::path> folders{mount};
  for (const fs::path& part : fs::path(*group).relative_path()) {
    if (part == "..") break;
    folders.push_back(folders.back() / part);
  }
  return folders;
}

}  // namespace oct
