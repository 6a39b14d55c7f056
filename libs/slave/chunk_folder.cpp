#include "slave/chunk_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "base/temporary_file.hpp"
#include "wire/limits.hpp"

#if defined(_WIN32)
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace oct {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFarmPrefix = "octane-chunks-";
constexpr std::size_t kIdDigits = 40;

Unexpected not_usable(const fs::path& folder, const std::string& why) {
  return fail(ErrorKind::output, fmt::format("{}: {}", utf8_from_path(folder), why));
}

std::string reason(int code) {
  return std::generic_category().message(code);
}

bool is_chunk_name(const std::string& name) {
  return name.size() == kIdDigits && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_real_folder(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() == fs::file_type::directory;
}

#if defined(_WIN32)

struct CloseHandleOf {
  void operator()(void* handle) const { CloseHandle(handle); }
};

/// The rights are those that its folder passes on.
Result<void> make_private_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directory(path, error);
  if (error) return not_usable(path, reason(error.default_error_condition().value()));
  if (!is_real_folder(path)) return not_usable(path, "is not a folder");
  return {};
}

std::optional<Bytes> read_marking(const fs::path& path) {
  const HANDLE handle = CreateFileW(path.c_str(), GENERIC_READ | FILE_WRITE_ATTRIBUTES,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                    OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return std::nullopt;
  const std::unique_ptr<void, CloseHandleOf> file(handle);
  BY_HANDLE_FILE_INFORMATION info{};
  constexpr DWORD kNoFile = FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DIRECTORY;
  if (GetFileType(handle) != FILE_TYPE_DISK || !GetFileInformationByHandle(handle, &info) ||
      (info.dwFileAttributes & kNoFile) != 0 || info.nFileSizeHigh != 0 || info.nFileSizeLow > kMaxChunkBytes)
    return std::nullopt;
  Bytes content(info.nFileSizeLow);
  DWORD got = 0;
  if (!ReadFile(handle, content.data(), info.nFileSizeLow, &got, nullptr) || got != content.size())
    return std::nullopt;
  FILETIME now{};
  GetSystemTimeAsFileTime(&now);
  SetFileTime(handle, nullptr, nullptr, &now);
  return content;
}

#else

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

/// Where others may rename what is not theirs, it could be exchanged for a link.
bool others_may_rename_in(const fs::path& folder) {
  struct stat state {};
  if (stat(folder.c_str(), &state) != 0) return true;
  return (state.st_mode & S_IWOTH) != 0 && (state.st_mode & S_ISVTX) == 0;
}

Result<void> make_private_folder(const fs::path& path) {
  if (others_may_rename_in(path.parent_path()))
    return not_usable(path.parent_path(), "any user may rename files in it (chmod o-w, or +t)");
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return not_usable(path, reason(errno));
  struct stat state {};
  if (lstat(path.c_str(), &state) != 0) return not_usable(path, reason(errno));
  if (!S_ISDIR(state.st_mode)) return not_usable(path, "is not a folder");
  if (state.st_uid != geteuid()) return not_usable(path, "belongs to another user");
  if ((state.st_mode & (S_IWGRP | S_IWOTH)) != 0) return not_usable(path, "other users may write to it");
  return {};
}

std::optional<Bytes> read_marking(const fs::path& path) {
  // A FIFO that somebody put there is not waited for.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat state {};
  if (file.get() < 0 || fstat(file.get(), &state) != 0 || !S_ISREG(state.st_mode)) return std::nullopt;
  if (state.st_size <= 0 || state.st_size > static_cast<off_t>(kMaxChunkBytes)) return std::nullopt;
  Bytes content(static_cast<std::size_t>(state.st_size));
  for (std::size_t have = 0; have < content.size();) {
    const ssize_t got = ::read(file.get(), content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  futimens(file.get(), nullptr);  // in vain where it may not be written to: then it is older than it could be
  return content;
}

#endif

void add_entries(const fs::path& folder, std::vector<ChunkFolder::Entry>& entries) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (!is_chunk_name(utf8_from_path(at->path().filename())) ||
        at->symlink_status(gone).type() != fs::file_type::regular)
      continue;
    const std::uint64_t bytes = at->file_size(gone);
    if (gone) continue;
    const auto used = at->last_write_time(gone);
    if (!gone) entries.push_back({at->path(), bytes, used});
  }
}

}  // namespace

Result<ChunkFolder> ChunkFolder::open(const std::string& folder, const std::string& farm) {
  std::error_code error;
  fs::create_directories(path_from_utf8(folder), error);
  const fs::path root = error ? fs::path() : fs::canonical(path_from_utf8(folder), error);
  if (error) return not_usable(path_from_utf8(folder), reason(error.default_error_condition().value()));
  const fs::path place = root / path_from_utf8(fmt::format("{}{}", kFarmPrefix, farm));
  OCT_TRY(make_private_folder(place));
  remove_left_over_temporaries(place, fs::file_time_type::clock::now());
  return ChunkFolder(root, place);
}

std::optional<Bytes> ChunkFolder::read(const ChunkId& id) const {
  return read_marking(path_of(id));
}

Result<void> ChunkFolder::write(const ChunkId& id, ByteView content) const {
  TemporaryFile made = make_temporary_file(farm_, FileReaders::owner);
  if (!made.file) return not_usable(farm_, reason(errno));
  errno = 0;
  const bool written = std::fwrite(content.data(), 1, content.size(), made.file.get()) == content.size();
  int code = written ? 0 : errno;
  if (std::fclose(made.file.release()) != 0 && code == 0)
    code = errno;  // shares tell here what they could not store
  std::error_code error;
  if (code == 0) fs::rename(made.path, path_of(id), error);
  if (code == 0 && !error) return {};
  const std::string why = reason(code != 0 ? code : error.default_error_condition().value());
  fs::remove(made.path, error);
  return not_usable(farm_, why);
}

void ChunkFolder::remove(const ChunkId& id) const {
  std::error_code gone;
  fs::remove(path_of(id), gone);
}

std::vector<ChunkFolder::Entry> ChunkFolder::entries() const {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator at(root_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = utf8_from_path(at->path().filename());
    if (name.starts_with(kFarmPrefix) && is_real_folder(at->path())) add_entries(at->path(), entries);
  }
  return entries;
}

}  // namespace oct
