#include "base/output_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "base/escaped.hpp"
#include "base/file.hpp"

#if defined(_WIN32)
#include <windows.h>
#else
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace oct {
namespace {

namespace fs = std::filesystem;
using Kind = OutputTarget::Kind;

Unexpected no_target(const std::string& path, const std::string& reason) {
  return fail(ErrorKind::output, fmt::format("{}: {}", escaped(path), reason));
}

#if defined(_WIN32)

/// NUL, CON, COM1 and their like name devices in every folder and with every extension.
bool is_reserved_name(const fs::path& path) {
  std::wstring name = path.filename().wstring();
  name = name.substr(0, name.find_first_of(L".:"));
  while (!name.empty() && name.back() == L' ') name.pop_back();
  std::transform(name.begin(), name.end(), name.begin(), [](wchar_t c) {
    return c >= L'a' && c <= L'z' ? static_cast<wchar_t>(c - L'a' + L'A') : c;
  });
  constexpr std::wstring_view kNames[] = {L"NUL", L"CON", L"PRN", L"AUX", L"CONOUT$"};
  if (std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames)) return true;
  return name.size() == 4 && (name.starts_with(L"COM") || name.starts_with(L"LPT")) && name[3] >= L'1' &&
         name[3] <= L'9';
}

/// Where a link leads; empty when it leads nowhere.
fs::path end_of_link(const fs::path& link) {
  const HANDLE file = CreateFileW(link.c_str(), 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                  nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  if (file == INVALID_HANDLE_VALUE) return {};
  std::wstring name(GetFinalPathNameByHandleW(file, nullptr, 0, 0), L'\0');
  name.resize(GetFinalPathNameByHandleW(file, name.data(), static_cast<DWORD>(name.size()), 0));
  CloseHandle(file);
  return name;
}

#else

constexpr int kMostLinks = 40;  // as the kernel follows

/// The descriptor of this process that a name in /proc/self/fd or /dev/fd stands for; `folder` is canonical.
std::optional<int> own_descriptor(const fs::path& folder, const fs::path& name) {
  const std::string text = name.string(), place = folder.string();
  const bool own =
      place == "/dev/fd" || (place.starts_with(fmt::format("/proc/{}/", getpid())) && place.ends_with("/fd"));
  const bool number = !text.empty() && text.size() < 9 &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return own && number ? std::optional<int>(std::stoi(text)) : std::nullopt;
}

/// A file that exists, by what stat says of it.
Result<OutputTarget> existing_target(const std::string& shown, const fs::path& path, mode_t mode) {
  if (S_ISREG(mode)) return OutputTarget{Kind::file, path, std::nullopt, true};
  if (S_ISFIFO(mode) || S_ISCHR(mode)) return OutputTarget{Kind::stream, path, std::nullopt, true};
  if (S_ISDIR(mode)) return no_target(shown, "is a folder");
  if (S_ISBLK(mode)) return no_target(shown, "is a block device; pictures are not written over disks");
  return no_target(shown, S_ISSOCK(mode) ? "is a socket" : "is not a file");
}

#endif

}  // namespace

#if defined(_WIN32)

Result<OutputTarget> find_output_target(const std::string& path) {
  fs::path target = path_from_utf8(path);
  const std::wstring text = target.wstring();
  if (is_reserved_name(target) || text.starts_with(L"\\\\.\\"))
    return OutputTarget{Kind::stream, target, std::nullopt, true};
  if (target.filename().empty()) return no_target(path, "is a folder");
  DWORD attributes = GetFileAttributesW(target.c_str());
  if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
    target = end_of_link(target);
    if (target.empty()) return no_target(path, "is a link to something that does not exist");
    attributes = GetFileAttributesW(target.c_str());
  }
  const bool exists = attributes != INVALID_FILE_ATTRIBUTES;
  if (exists && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return no_target(path, "is a folder");
  return OutputTarget{Kind::file, target, std::nullopt, exists};
}

#else

Result<OutputTarget> find_output_target(const std::string& path) {
  fs::path at = path_from_utf8(path);
  if (at.filename().empty()) return no_target(path, "is a folder");
  for (int links = 0; links <= kMostLinks; ++links) {
    std::error_code error;
    // what /proc shows as links are open files, also where their text looks like a path
    const fs::path folder = fs::canonical(at.parent_path().empty() ? "." : at.parent_path(), error);
    if (const auto descriptor = own_descriptor(folder, at.filename()))
      return OutputTarget{Kind::stream, at, descriptor, true};
    struct stat status {};
    if (folder.string().starts_with("/proc/")) return OutputTarget{Kind::stream, at, std::nullopt, true};
    if (lstat(at.c_str(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return OutputTarget{Kind::file, at, std::nullopt, false};
      return no_target(path, std::generic_category().message(errno));
    }
    if (!S_ISLNK(status.st_mode)) return existing_target(path, at, status.st_mode);
    const fs::path leads_to = fs::read_symlink(at, error);
    if (error) return no_target(path, error.message());
    at = at.parent_path() / leads_to;  // an absolute one replaces the left side
    if (at.filename().empty()) at = at.parent_path();
  }
  return no_target(path, std::generic_category().message(ELOOP));
}

#endif

}  // namespace oct
