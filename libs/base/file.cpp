#include "base/file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/escaped.hpp"
#include "base/exhaustion.hpp"
#include "base/output_file.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace oct {
namespace {

namespace fs = std::filesystem;

/// Whether this process may write to what is no file. Without opening it: that alone would begin the reading
/// of a FIFO, and closing end it.
bool may_write_to(const OutputTarget& stream) {
#if defined(_WIN32)
  static_cast<void>(stream);
  return true;
#else
  if (!stream.descriptor) return access(stream.path.c_str(), W_OK) == 0;
  const int flags = fcntl(*stream.descriptor, F_GETFL);
  if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY) errno = EBADF;
  return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
#endif
}

}  // namespace

fs::path path_from_utf8(std::string_view text) {
  return fs::path(std::u8string(reinterpret_cast<const char8_t*>(text.data()), text.size()));
}

std::string utf8_from_path(const fs::path& path) {
  const std::u8string text = path.u8string();
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

FilePtr open_for_reading(const fs::path& path) {
#if defined(_WIN32)
  return FilePtr(_wfopen(path.c_str(), L"rb"));
#else
  return FilePtr(std::fopen(path.c_str(), "rb"));
#endif
}

Result<Bytes> read_file(const std::string& path, std::uint64_t size_limit) {
  const fs::path source = path_from_utf8(path);
  std::error_code error;
  if (fs::is_directory(source, error))
    return fail(ErrorKind::invalid_input, fmt::format("{}: is a folder", escaped(path)));
  const FilePtr file = open_for_reading(source);
  if (!file) return fail(file_error(ErrorKind::invalid_input, escaped(path), errno));
  return read_open_file(*file, escaped(path), size_limit);
}

Result<Bytes> read_open_file(std::FILE& file, const std::string& shown_path, std::uint64_t size_limit) {
  Bytes content;
  constexpr std::size_t kPiece = 1 << 20;
  for (;;) {  // piece by piece, since pipes and devices have no size
    const std::size_t have = content.size();
    content.resize(have + kPiece);
    const std::size_t got = std::fread(content.data() + have, 1, kPiece, &file);
    content.resize(have + got);
    if (content.size() > size_limit) {
      return fail(ErrorKind::invalid_input, fmt::format("{}: larger than {} bytes", shown_path, size_limit));
    }
    if (got < kPiece) break;
  }
  if (std::ferror(&file) != 0)
    return fail(ErrorKind::invalid_input, fmt::format("{}: cannot be read", shown_path));
  return content;
}

Result<void> write_file_by_renaming(const std::string& path, ByteView content, FileReaders readers) {
  OCT_TRY_ASSIGN(OutputFile file, OutputFile::open(path, readers));
  OCT_TRY(file.write(content));
  return file.commit();
}

Result<void> stream_file_by_renaming(const std::string& path,
                                     const std::function<Result<void>(ByteSink&)>& fill) {
  OCT_TRY_ASSIGN(OutputFile file, OutputFile::open(path));
  OCT_TRY(fill(file));
  return file.commit();
}

Result<void> check_writable(const std::string& path) {
  OCT_TRY_ASSIGN(const OutputTarget target, find_output_target(path));
  if (target.kind == OutputTarget::Kind::stream) {
    if (may_write_to(target)) return {};
    return fail(file_error(ErrorKind::output, escaped(path), errno));
  }
  OCT_TRY(OutputFile::open(path));
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
