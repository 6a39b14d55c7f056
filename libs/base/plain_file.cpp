#include "base/plain_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "base/escaped.hpp"
#include "base/exhaustion.hpp"
#include "base/regular_file.hpp"

#if defined(_WIN32)
#include <windows.h>
#else
#include <sys/stat.h>
#endif

namespace oct {
namespace {

namespace fs = std::filesystem;

std::string shown(const fs::path& path) {
  return escaped(utf8_from_path(path));
}

Unexpected unreachable(const fs::path& path, const std::string& reason) {
  return fail(ErrorKind::invalid_input, fmt::format("{}: {}", shown(path), reason));
}

constexpr const char* kLeadsNowhere = "is a link that leads nowhere";

enum class Presence { there, nothing, leads_nowhere, unknown };

#if defined(_WIN32)

/// `code` is set where the presence is unknown.
Presence presence_of(const fs::path& path, int& code) {
  const DWORD attributes = GetFileAttributesW(path.c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) {
    const DWORD error = GetLastError();
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND) return Presence::nothing;
    code = std::error_code(static_cast<int>(error), std::system_category()).default_error_condition().value();
    return Presence::unknown;
  }
  if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0) return Presence::there;
  const HANDLE file = CreateFileW(path.c_str(), 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                  nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  if (file == INVALID_HANDLE_VALUE) return Presence::leads_nowhere;
  CloseHandle(file);
  return Presence::there;
}

#else

/// `code` is set where the presence is unknown.
Presence presence_of(const fs::path& path, int& code) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) return Presence::there;
  const int reason = errno;
  if (lstat(path.c_str(), &status) == 0) {
    code = reason;
    return reason == ENOENT ? Presence::leads_nowhere : Presence::unknown;
  }
  if (errno == ENOENT || errno == ENOTDIR) return Presence::nothing;
  code = errno;
  return Presence::unknown;
}

#endif

}  // namespace

Result<bool> is_there(const fs::path& path) {
  int code = 0;
  switch (presence_of(path, code)) {
    case Presence::there: return true;
    case Presence::leads_nowhere: return unreachable(path, kLeadsNowhere);
    case Presence::unknown: return fail(file_error(ErrorKind::invalid_input, shown(path), code));
    case Presence::nothing: break;
  }
  // A folder above it may be a link whose end has gone, such as a share that is not mounted.
  for (fs::path above = path.parent_path(); !above.empty(); above = above.parent_path()) {
    const Presence presence = presence_of(above, code);
    if (presence == Presence::leads_nowhere)
      return unreachable(path, fmt::format("{} {}", shown(above), kLeadsNowhere));
    if (presence != Presence::nothing || above == above.root_path()) break;
  }
  return false;
}

Result<Bytes> read_plain_file(const fs::path& path, std::uint64_t size_limit) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) return unreachable(path, "is a folder");
  if (fs::exists(status) && !fs::is_regular_file(status)) return unreachable(path, "is not a regular file");
  const auto told = [&](const Error& error) {
    return fail(error.kind, fmt::format("{}: {}", shown(path), error.message), error.help);
  };
  auto file = RegularFile::open(path);
  if (!file) return told(file.error());
  if (file->size() > size_limit) return unreachable(path, fmt::format("larger than {} bytes", size_limit));
  Bytes content;
  if (auto read = file->read(size_limit, content); !read) return told(read.error());
  return content;
}

}  // namespace oct
