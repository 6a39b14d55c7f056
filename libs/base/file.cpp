#include "base/file.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/private_file.hpp"

#if defined(_WIN32)
#include <io.h>
#include <process.h>
#else
#include <unistd.h>
#endif

namespace oct {
namespace {

namespace fs = std::filesystem;

FilePtr open_file(const fs::path& path, const char* mode) {
#if defined(_WIN32)
  const std::wstring wide_mode(mode, mode + std::char_traits<char>::length(mode));
  return FilePtr(_wfopen(path.c_str(), wide_mode.c_str()));
#else
  return FilePtr(std::fopen(path.c_str(), mode));
#endif
}

bool flush_to_disk(std::FILE* file) {
  if (std::fflush(file) != 0) return false;
#if defined(_WIN32)
  return _commit(_fileno(file)) == 0;
#else
  // some file systems cannot sync; the data is written all the same
  return fsync(fileno(file)) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP;
#endif
}

int process_id() {
#if defined(_WIN32)
  return _getpid();
#else
  return getpid();
#endif
}

/// A name beside `path` that no other process or thread uses.
fs::path temporary_beside(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  fs::path name = path;
  name += fmt::format(".{}-{}.tmp", process_id(), counter.fetch_add(1));
  return name;
}

std::string system_message(int code) {
  return std::generic_category().message(code);
}

Unexpected output_error(const std::string& path, const std::string& reason) {
  return fail(ErrorKind::output, fmt::format("{}: {}", path, reason));
}

Result<void> write_all(const fs::path& target, ByteView content, FileReaders readers,
                       const std::string& shown_path) {
  FilePtr file = readers == FileReaders::owner ? create_private_file(target) : open_file(target, "wb");
  if (!file) return output_error(shown_path, system_message(errno));
  std::setvbuf(file.get(), nullptr, _IONBF,
               0);  // written at once: a buffer would only keep copies of secrets
  const bool written =
      content.empty() || std::fwrite(content.data(), 1, content.size(), file.get()) == content.size();
  if (!written || !flush_to_disk(file.get())) return output_error(shown_path, system_message(errno));
  if (std::fclose(file.release()) != 0) return output_error(shown_path, system_message(errno));
  return {};
}

/// A file that was just created.
class FileSink : public ByteSink {
 public:
  FileSink(std::FILE* file, const std::string& shown_path) : file_(file), shown_path_(shown_path) {}

  Result<void> write(ByteView bytes) override {
    const bool good = bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size();
    if (!good) return output_error(shown_path_, system_message(errno));
    return {};
  }
  bool can_overwrite() const override { return true; }
  Result<void> overwrite(std::uint64_t offset, ByteView bytes) override {
    if (!seek(static_cast<std::int64_t>(offset), SEEK_SET))
      return output_error(shown_path_, system_message(errno));
    OCT_TRY(write(bytes));
    if (!seek(0, SEEK_END)) return output_error(shown_path_, system_message(errno));
    return {};
  }

 private:
  bool seek(std::int64_t offset, int origin) {
#if defined(_WIN32)
    return _fseeki64(file_, offset, origin) == 0;
#else
    return fseeko(file_, offset, origin) == 0;
#endif
  }

  std::FILE* file_;
  const std::string& shown_path_;
};

/// Creates `target` and lets `fill` write it.
Result<void> stream_all(const fs::path& target, const std::function<Result<void>(ByteSink&)>& fill,
                        const std::string& shown_path) {
  FilePtr file = open_file(target, "wb");
  if (!file) return output_error(shown_path, system_message(errno));
  FileSink sink(file.get(), shown_path);
  OCT_TRY(fill(sink));
  if (!flush_to_disk(file.get())) return output_error(shown_path, system_message(errno));
  if (std::fclose(file.release()) != 0) return output_error(shown_path, system_message(errno));
  return {};
}

Result<void> create_folder_of(const fs::path& target, const std::string& shown_path) {
  const fs::path folder = target.parent_path();
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) {
    return output_error(shown_path, fmt::format("its folder cannot be created: {}",
                                                system_message(error.default_error_condition().value())));
  }
  if (fs::is_directory(target, error)) return output_error(shown_path, "is a folder");
  return {};
}

/// Lets `write` make a file beside `path`, and renames it.
template <class Write>
Result<void> write_beside_and_rename(const std::string& path, Write&& write) {
  const fs::path target = path_from_utf8(path);
  OCT_TRY(create_folder_of(target, path));
  const fs::path temporary = temporary_beside(target);
  std::error_code error;
  if (Result<void> written = write(temporary); !written) {
    fs::remove(temporary, error);
    return written;
  }
  fs::rename(temporary, target, error);
  if (error) {
    const std::string reason = system_message(error.default_error_condition().value());
    fs::remove(temporary, error);
    return output_error(path, reason);
  }
  return {};
}

}  // namespace

fs::path path_from_utf8(std::string_view text) {
  return fs::path(std::u8string(reinterpret_cast<const char8_t*>(text.data()), text.size()));
}

std::string utf8_from_path(const fs::path& path) {
  const std::u8string text = path.u8string();
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

Result<Bytes> read_file(const std::string& path, std::uint64_t size_limit) {
  const fs::path source = path_from_utf8(path);
  std::error_code error;
  if (fs::is_directory(source, error))
    return fail(ErrorKind::invalid_input, fmt::format("{}: is a folder", path));
  FilePtr file = open_file(source, "rb");
  if (!file) return fail(ErrorKind::invalid_input, fmt::format("{}: {}", path, system_message(errno)));
  Bytes content;
  constexpr std::size_t kPiece = 1 << 20;
  for (;;) {  // piece by piece, since pipes and devices have no size
    const std::size_t have = content.size();
    content.resize(have + kPiece);
    const std::size_t got = std::fread(content.data() + have, 1, kPiece, file.get());
    content.resize(have + got);
    if (content.size() > size_limit) {
      return fail(ErrorKind::invalid_input, fmt::format("{}: larger than {} bytes", path, size_limit));
    }
    if (got < kPiece) break;
  }
  if (std::ferror(file.get()) != 0)
    return fail(ErrorKind::invalid_input, fmt::format("{}: cannot be read", path));
  return content;
}

Result<void> write_file_by_renaming(const std::string& path, ByteView content, FileReaders readers) {
  return write_beside_and_rename(
      path, [&](const fs::path& temporary) { return write_all(temporary, content, readers, path); });
}

Result<void> stream_file_by_renaming(const std::string& path,
                                     const std::function<Result<void>(ByteSink&)>& fill) {
  return write_beside_and_rename(
      path, [&](const fs::path& temporary) { return stream_all(temporary, fill, path); });
}

FilePtr open_for_reading(const fs::path& path) {
  return open_file(path, "rb");
}

Result<void> check_writable(const std::string& path) {
  const fs::path target = path_from_utf8(path);
  OCT_TRY(create_folder_of(target, path));
  const fs::path temporary = temporary_beside(target);
  OCT_TRY(write_all(temporary, {}, FileReaders::as_usual, path));
  std::error_code error;
  fs::remove(temporary, error);
  return {};
}

std::string file_name(std::string_view path) {
  return utf8_from_path(path_from_utf8(path).filename());
}
std::string file_stem(std::string_view path) {
  return utf8_from_path(path_from_utf8(path).stem());
}
std::string folder_of(std::string_view path) {
  return utf8_from_path(path_from_utf8(path).parent_path());
}

std::string file_extension(std::string_view path) {
  std::string extension = utf8_from_path(path_from_utf8(path).extension());
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return extension;
}

}  // namespace oct
