#include "scene/file_reference.hpp"

#include <algorithm>
#include <array>

#include "scene/import_log.hpp"
#include "scene/invalid.hpp"

namespace oct {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool has_drive(std::string_view path) {
  return path.size() >= 2 && is_letter(path[0]) && path[1] == ':';
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

/// Whether Windows opens a device or a stream for this part of a path: "nul", "Com1.png", "con .txt", "a:b".
bool is_device_part(std::string_view part) {
  if (part.find(':') != std::string_view::npos) return true;
  std::string stem = upper(part.substr(0, part.find('.')));
  while (stem.ends_with(' ')) stem.pop_back();
  constexpr std::array kNames{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
  if (std::find(kNames.begin(), kNames.end(), stem) != kNames.end()) return true;
  if (!stem.starts_with("COM") && !stem.starts_with("LPT")) return false;
  constexpr std::array<std::string_view, 3> kSuperscripts{"\xc2\xb9", "\xc2\xb2", "\xc2\xb3"};  // ¹ ² ³
  const std::string_view number = std::string_view(stem).substr(3);
  const bool is_digit = number.size() == 1 && number[0] >= '0' && number[0] <= '9';
  return is_digit || std::find(kSuperscripts.begin(), kSuperscripts.end(), number) != kSuperscripts.end();
}

/// Calls `each` for the parts between slashes.
template <class Each>
void each_part(std::string_view path, Each&& each) {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) each(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
}

bool names_a_device(std::string_view path) {
  if (has_drive(path)) path.remove_prefix(2);
  bool found = false;
  each_part(path, [&](std::string_view part) { found = found || is_device_part(part); });
  return found;
}

std::size_t ups_of(std::string_view path) {
  std::size_t depth = 0;
  std::size_t ups = 0;
  each_part(path, [&](std::string_view part) {
    if (part == ".") return;
    if (part != "..") {
      ++depth;
    } else if (depth > 0) {
      --depth;
    } else {
      ++ups;
    }
  });
  return ups;
}

FileNameKind kind_of(std::string_view path) {
  if (path.starts_with("//./")) return FileNameKind::device;
  if (path.starts_with("//")) return FileNameKind::network;
  if (path.starts_with('/') || has_drive(path)) return FileNameKind::absolute;
  return FileNameKind::relative;
}

/// "C:/a" of "//?/C:/a", "//server/a" of "//?/UNC/server/a": the long form of Windows.
std::string without_long_prefix(std::string path) {
  if (!path.starts_with("//?/")) return path;
  path.erase(0, 4);
  if (upper(path).starts_with("UNC/")) return "/" + path.substr(3);
  return has_drive(path) ? path : "//./" + path;
}

}  // namespace

Result<FileReference> file_reference(std::string_view name, NameRules rules) {
  if (name.empty()) return invalid("its file has no name");
  if (name.find('\0') != std::string_view::npos) return invalid("its name holds a zero byte");
  if (!is_utf8(name)) return invalid("its file name is not UTF-8");
  FileReference reference;
  reference.path = name;
  std::replace(reference.path.begin(), reference.path.end(), '\\', '/');
  reference.path = without_long_prefix(std::move(reference.path));
  reference.kind = kind_of(reference.path);
  const std::string_view path = reference.path;
  std::string_view last = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  if (has_drive(last)) last.remove_prefix(2);
  if (last.empty() || last == "." || last == "..") return invalid("names a folder");
  reference.last_part = last;
  if (reference.kind == FileNameKind::relative) reference.ups = ups_of(path);
  if (rules == NameRules::windows && names_a_device(path)) reference.kind = FileNameKind::device;
  return reference;
}

bool is_native_absolute(const FileReference& reference, NameRules rules) {
  if (reference.kind != FileNameKind::absolute) return false;
  return rules == NameRules::windows || reference.path.starts_with('/');
}

}  // namespace oct
