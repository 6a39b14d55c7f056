#include "master/frame_names.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "base/file.hpp"
#include "base/output_target.hpp"

namespace oct {

namespace {

/// Where in a path what was typed begins.
std::size_t typed_from(const std::string& path, const std::string& folder) {
  return path.starts_with(folder) ? folder.size() : 0;
}

}  // namespace

std::string numbered(const std::string& path, std::int32_t frame, const std::string& folder) {
  const std::size_t typed = typed_from(path, folder);
  std::string result = path.substr(0, typed);
  for (std::size_t place = typed; place < path.size();) {
    if (path[place] != '#') {
      result += path[place++];
      continue;
    }
    const std::size_t end = std::min(path.find_first_not_of('#', place), path.size());
    result += fmt::format("{}{:0{}}", frame < 0 ? "-" : "", std::abs(std::int64_t{frame}), end - place);
    place = end;
  }
  return result;
}

std::string with_place_for_number(const std::string& path, const std::string& folder) {
  if (path.find('#', typed_from(path, folder)) != std::string::npos) return path;
  const auto target = find_output_target(path);
  if (target && target->kind == OutputTarget::Kind::stream) return path;
  const std::size_t extension = utf8_from_path(path_from_utf8(path).extension()).size();
  return path.substr(0, path.size() - extension) + ".####" + path.substr(path.size() - extension);
}

}  // namespace oct
