#include "base/regular_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/exhaustion.hpp"
#include "base/thread_limit.hpp"
#include "base/thread_pool.hpp"

#if defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
// after windows.h
#include <fcntl.h>
#include <io.h>

#include <string_view>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace oct {
namespace {

namespace fs = std::filesystem;

Unexpected reason(std::string text) {
  return fail(ErrorKind::invalid_input, std::move(text));
}

Unexpected not_a_file() {
  return reason("is not a file");
}

constexpr std::size_t kPiece = 4u << 20;
/// More would wait for each other: the system copies at what memory gives.
constexpr unsigned kMostThreads = 4;

/// What several threads found out about a file.
class Outcome {
 public:
  /// A piece that ended at `end`, where more was wanted: the file has been cut since it was opened.
  void ended_at(std::uint64_t end) {
    const std::lock_guard lock(mutex_);
    end_ = std::min(end_, end);
  }
  void failed(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  /// How many bytes there are, at most `size`.
  Result<std::uint64_t> settle(std::uint64_t size) {
    if (error_) return fail(*std::move(error_));
    return std::min(size, end_);
  }

 private:
  std::mutex mutex_;
  std::uint64_t end_ = ~std::uint64_t{0};
  std::optional<Error> error_;
};

}  // namespace

Result<void> RegularFile::read(std::uint64_t most, Bytes& into) {
  const std::uint64_t wanted = std::min(most, size_ - taken_);
  const std::size_t before = into.size();
  into.resize(before + wanted);
  const std::size_t got = std::fread(into.data() + before, 1, wanted, file_.get());
  into.resize(before + got);
  taken_ += got;
  if (got < wanted && std::ferror(file_.get()) != 0) return reason("cannot be read");
  return {};
}

Result<RawBytes> RegularFile::read_first(std::uint64_t most) const {
  RawBytes bytes(static_cast<std::size_t>(std::min(most, size_)));
  Outcome outcome;
  const auto read_piece = [&](std::size_t begin, std::size_t end) {
    const auto got = read_at(begin, {bytes.data() + begin, end - begin});
    if (!got) return outcome.failed(got.error());
    if (*got < end - begin) outcome.ended_at(begin + *got);
  };
  if (bytes.size() <= 2 * kPiece) {
    read_piece(0, bytes.size());
  } else {
    ThreadPool pool(std::min(kMostThreads, usable_threads()));
    pool.for_ranges(bytes.size(), kPiece, read_piece);
  }
  OCT_TRY_ASSIGN(const std::uint64_t size, outcome.settle(bytes.size()));
  bytes.truncate(static_cast<std::size_t>(size));
  return bytes;
}

#if defined(_WIN32)

Result<std::size_t> RegularFile::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  const auto handle = reinterpret_cast<HANDLE>(_get_osfhandle(_fileno(file_.get())));
  std::size_t done = 0;
  while (done < into.size()) {
    OVERLAPPED place{};
    place.Offset = static_cast<DWORD>(offset + done);
    place.OffsetHigh = static_cast<DWORD>((offset + done) >> 32);
    DWORD got = 0;
    const auto wanted = static_cast<DWORD>(std::min<std::size_t>(into.size() - done, 1u << 30));
    if (!ReadFile(handle, into.data() + done, wanted, &got, &place) && GetLastError() != ERROR_HANDLE_EOF)
      return reason("cannot be read");
    if (got == 0) break;
    done += got;
  }
  return done;
}

namespace {

struct CloseSystemHandle {
  using pointer = HANDLE;
  void operator()(HANDLE handle) const { CloseHandle(handle); }
};
using SystemHandle = std::unique_ptr<void, CloseSystemHandle>;

std::error_code code_of(DWORD error) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
    case ERROR_NOT_READY: return std::make_error_code(std::errc::no_such_file_or_directory);
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION: return std::make_error_code(std::errc::permission_denied);
    default: return std::make_error_code(std::errc::io_error);
  }
}

/// `access` 0 asks for attributes alone; flags for folders.
SystemHandle open_existing(const fs::path& path, DWORD access, DWORD flags) {
  constexpr DWORD kShare = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  const HANDLE handle = CreateFileW(path.c_str(), access, kShare, nullptr, OPEN_EXISTING, flags, nullptr);
  return SystemHandle(handle == INVALID_HANDLE_VALUE ? nullptr : handle);
}

std::wstring final_path(HANDLE handle, DWORD flags) {
  std::wstring name(512, L'\0');
  for (int attempt = 0; attempt < 2; ++attempt) {
    const DWORD length =
        GetFinalPathNameByHandleW(handle, name.data(), static_cast<DWORD>(name.size()), flags);
    if (length == 0) return {};
    const bool fits = length < name.size();
    name.resize(fits ? length : length + 1);
    if (fits) return name;
  }
  return {};
}

/// "C:\a" of "\\?\C:\a", "\\server\share" of "\\?\UNC\server\share".
std::wstring without_long_prefix(const std::wstring& name) {
  constexpr std::wstring_view kNetwork = L"\\\\?\\UNC\\";
  constexpr std::wstring_view kLong = L"\\\\?\\";
  if (name.starts_with(kNetwork)) return L"\\\\" + name.substr(kNetwork.size());
  return name.starts_with(kLong) ? name.substr(kLong.size()) : name;
}

bool is_symbolic_link(const fs::path& path) {
  WIN32_FIND_DATAW found{};
  const HANDLE search = FindFirstFileW(path.c_str(), &found);
  if (search == INVALID_HANDLE_VALUE) return false;
  FindClose(search);
  const bool is_link = (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 &&
                       IsReparseTagNameSurrogate(found.dwReserved0);
  return is_link && found.dwReserved0 != IO_REPARSE_TAG_MOUNT_POINT;  // a junction stays on this computer
}

}  // namespace

Result<RegularFile> RegularFile::open(const fs::path& path) {
  const DWORD attributes = GetFileAttributesW(path.c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) return reason(code_of(GetLastError()).message());
  if ((attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_DEVICE)) != 0) return not_a_file();
  SystemHandle handle = open_existing(path, GENERIC_READ, FILE_ATTRIBUTE_NORMAL);
  if (!handle) return reason(code_of(GetLastError()).message());
  LARGE_INTEGER size{};
  if (GetFileType(handle.get()) != FILE_TYPE_DISK || !GetFileSizeEx(handle.get(), &size)) return not_a_file();
  const int number = _open_osfhandle(reinterpret_cast<intptr_t>(handle.get()), _O_RDONLY | _O_BINARY);
  if (number < 0) return reason("cannot be opened");
  static_cast<void>(handle.release());
  FilePtr file(_fdopen(number, "rb"));
  if (!file) return reason("cannot be opened");
  return RegularFile(std::move(file), static_cast<std::uint64_t>(size.QuadPart));
}

fs::path real_path(const fs::path& path, std::error_code& error) {
  error.clear();
  const SystemHandle handle = open_existing(path, 0, FILE_FLAG_BACKUP_SEMANTICS);
  if (!handle) {
    error = code_of(GetLastError());
    return {};
  }
  std::wstring name = final_path(handle.get(), FILE_NAME_NORMALIZED);
  if (name.empty()) name = final_path(handle.get(), FILE_NAME_OPENED);  // some file systems know no other
  if (name.empty()) error = std::make_error_code(std::errc::io_error);
  return without_long_prefix(name);
}

bool meets_network_link(const fs::path& folder, const fs::path& relative) {
  fs::path place = folder;
  for (const fs::path& part : relative) {
    place /= part;
    if (part != "." && part != ".." && is_symbolic_link(place)) return true;
  }
  return false;
}

#else

Result<std::size_t> RegularFile::read_at(std::uint64_t offset, std::span<std::byte> into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = ::pread(::fileno(file_.get()), into.data() + done, into.size() - done,
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return reason("cannot be read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<RegularFile> RegularFile::open(const fs::path& path) {
  // asked before it is opened, and again of what was opened: opening alone can disturb a device or a FIFO
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return reason(std::generic_category().message(errno));
  if (!S_ISREG(status.st_mode)) return not_a_file();
  const int number = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (number < 0) {
    if (is_out_of_files(errno)) return fail(out_of_files("cannot be opened"));
    return reason(std::generic_category().message(errno));
  }
  FilePtr file(::fdopen(number, "rb"));
  if (!file) {
    ::close(number);
    return reason("cannot be opened");
  }
  if (::fstat(number, &status) != 0 || !S_ISREG(status.st_mode)) return not_a_file();
  return RegularFile(std::move(file), static_cast<std::uint64_t>(status.st_size));
}

fs::path real_path(const fs::path& path, std::error_code& error) {
  fs::path real = fs::canonical(path, error);
  if (error == std::errc::not_a_directory) error = std::make_error_code(std::errc::no_such_file_or_directory);
  return real;
}

bool meets_network_link(const fs::path&, const fs::path&) {
  return false;
}

#endif

}  // namespace oct
