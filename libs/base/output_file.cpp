#include "base/output_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include "base/check.hpp"
#include "base/escaped.hpp"
#include "base/exhaustion.hpp"
#include "base/output_help.hpp"
#include "base/temporary_file.hpp"

#if defined(_WIN32)
#include <fcntl.h>
#include <io.h>
#include <windows.h>
#else
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace oct {
namespace {

namespace fs = std::filesystem;

#if defined(_WIN32)

FilePtr open_stream_of(const OutputTarget& target) {
  return FilePtr(_wfopen(target.path.c_str(), L"wb"));
}
bool flushed_to_disk(std::FILE* file) {
  return _commit(_fileno(file)) == 0;
}
bool seek(std::FILE* file, std::uint64_t offset) {
  return _fseeki64(file, static_cast<long long>(offset), SEEK_SET) == 0;
}
/// Whether it is worth it to go on after a write that failed.
bool may_go_on(std::FILE*, int) {
  return false;
}
void take_over_rights(std::FILE*, const fs::path&) {}  // the folder's are inherited
void flush_folder(const fs::path&) {}

/// 0, or why not. Virus scanners and viewers hold files for moments.
int rename_over(const fs::path& from, const fs::path& to) {
  constexpr int kTries = 20;
  constexpr DWORD kPauseMs = 50;
  for (int i = 1;; ++i) {
    if (MoveFileExW(from.c_str(), to.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) return 0;
    const DWORD code = GetLastError();
    const bool busy = code == ERROR_SHARING_VIOLATION || code == ERROR_ACCESS_DENIED;
    if (!busy || i == kTries)
      return std::error_code(static_cast<int>(code), std::system_category())
          .default_error_condition()
          .value();
    Sleep(kPauseMs);
  }
}

#else

FilePtr open_stream_of(const OutputTarget& target) {
  // neither created nor cut: what an open descriptor holds is kept
  const int descriptor = target.descriptor ? fcntl(*target.descriptor, F_DUPFD_CLOEXEC, 3)
                                           : ::open(target.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  return descriptor < 0 ? FilePtr() : FilePtr(fdopen(descriptor, "wb"));
}

bool flushed_to_disk(std::FILE* file) {
  // some file systems cannot sync; the data is written all the same
  return fsync(fileno(file)) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP;
}

bool seek(std::FILE* file, std::uint64_t offset) {
  return fseeko(file, static_cast<off_t>(offset), SEEK_SET) == 0;
}

/// Whether it is worth it to go on after a write that failed: when a signal came, or a descriptor that
/// somebody made non-blocking is full.
bool may_go_on(std::FILE* file, int code) {
  if (code == EINTR) return true;
  if (code != EAGAIN && code != EWOULDBLOCK) return false;
  pollfd room{fileno(file), POLLOUT, 0};
  return poll(&room, 1, -1) > 0 || errno == EINTR;
}

/// Owner first: changing it drops bits of the mode. Whoever may not do either leaves it.
void take_over_rights(std::FILE* file, const fs::path& from) {
  struct stat old {};
  if (stat(from.c_str(), &old) != 0) return;
  const int descriptor = fileno(file);
  if (fchown(descriptor, old.st_uid, old.st_gid) != 0 &&
      fchown(descriptor, static_cast<uid_t>(-1), old.st_gid) != 0)
    errno = 0;
  if (fchmod(descriptor, old.st_mode & 0777) != 0) errno = 0;
}

/// So that the new name outlives a loss of power; not every file system can.
void flush_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  ::close(descriptor);
}

int rename_over(const fs::path& from, const fs::path& to) {
  return std::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

#endif

/// Once for each folder and process: some hold a hundred thousand frames.
void remove_left_overs_once(const fs::path& folder, const fs::path& just_made) {
  static std::mutex mutex;
  static std::set<fs::path> done;
  {
    const std::lock_guard lock(mutex);
    if (!done.insert(folder).second) return;
  }
  std::error_code error;
  const auto now = fs::last_write_time(just_made, error);
  if (!error) remove_left_over_temporaries(folder, now);
}

}  // namespace

Result<OutputFile> OutputFile::open(const std::string& path, FileReaders readers) {
  OCT_TRY_ASSIGN(OutputTarget target, find_output_target(path));
  OutputFile output(escaped(path), std::move(target));
  if (readers == FileReaders::owner && !output.can_overwrite())
    return fail(ErrorKind::output, fmt::format("{}: is not a regular file", output.shown_path_));
  OCT_TRY(output.can_overwrite() ? output.open_temporary(readers) : output.open_stream());
  std::setvbuf(output.file_.get(), nullptr, _IONBF, 0);  // a buffer would only keep copies of secrets
  return Result<OutputFile>(std::move(output));
}

Result<void> OutputFile::open_stream() {
  file_ = open_stream_of(target_);
  return file_ ? Result<void>() : failed(errno);
}

Result<void> OutputFile::open_temporary(FileReaders readers) {
  const fs::path folder = target_.path.parent_path();
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) {
    const int code = error.default_error_condition().value();
    return fail(ErrorKind::output,
                fmt::format("{}: its folder cannot be created: {}", shown_path_,
                            std::generic_category().message(code)),
                output_help(code));
  }
  TemporaryFile made = make_temporary_file(folder, readers);
  if (!made.file) return failed(errno);
  temporary_ = std::move(made.path);
  file_ = std::move(made.file);
  if (target_.exists && readers == FileReaders::as_usual) take_over_rights(file_.get(), target_.path);
  remove_left_overs_once(folder, temporary_);
  return {};
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : shown_path_(std::move(other.shown_path_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)),
      size_(other.size_) {}

OutputFile::~OutputFile() {
  file_.reset();
  std::error_code error;
  if (!temporary_.empty()) fs::remove(temporary_, error);
}

Result<void> OutputFile::put(ByteView bytes) {
  OCT_CHECK(file_ != nullptr);
  while (!bytes.empty()) {
    errno = 0;
    const std::size_t written = std::fwrite(bytes.data(), 1, bytes.size(), file_.get());
    bytes = bytes.subspan(written);
    const int code = errno;
    if (bytes.empty()) break;
    if (!may_go_on(file_.get(), code)) return failed(code);
    std::clearerr(file_.get());
  }
  return {};
}

Result<void> OutputFile::write(ByteView bytes) {
  OCT_TRY(put(bytes));
  size_ += bytes.size();
  return {};
}

Result<void> OutputFile::overwrite(std::uint64_t offset, ByteView bytes) {
  OCT_CHECK(can_overwrite() && offset + bytes.size() <= size_);
  if (!seek(file_.get(), offset)) return failed(errno);
  OCT_TRY(put(bytes));
  return seek(file_.get(), size_) ? Result<void>() : failed(errno);
}

Result<void> OutputFile::commit() {
  OCT_CHECK(file_ != nullptr);
  if (can_overwrite() && !flushed_to_disk(file_.get())) return failed(errno);
  if (std::fclose(file_.release()) != 0) return failed(errno);  // shares tell here what they could not store
  return can_overwrite() ? rename() : Result<void>();
}

Result<void> OutputFile::rename() {
  if (const int code = rename_over(temporary_, target_.path); code != 0) return failed(code);
  temporary_.clear();
  flush_folder(target_.path.parent_path());
  return {};
}

Unexpected OutputFile::failed(int code) const {
  Error error = file_error(ErrorKind::output, shown_path_, code);
  if (can_overwrite() && target_.exists) error.message += "; the older file is untouched";
  if (error.help.empty()) error.help = output_help(code);
  return fail(std::move(error));
}

}  // namespace oct
