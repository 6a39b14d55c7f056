#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <system_error>

#include "base/bytes.hpp"
#include "base/private_file.hpp"
#include "base/raw_bytes.hpp"
#include "base/result.hpp"

namespace oct {

/// A file on a disk, open for reading. What only looks like one is refused before it is opened: a FIFO would
/// wait for its writer, a device might do something. Errors hold the reason alone.
class RegularFile {
 public:
  /// invalid_input: `is not a file` for folders, FIFOs, sockets and devices, else what the system says; exhausted
  /// when no more files can be opened.
  static Result<RegularFile> open(const std::filesystem::path& path);

  std::uint64_t size() const { return size_; }

  /// Appends the next bytes to `into`: `most`, or as many as are left.
  Result<void> read(std::uint64_t most, Bytes& into);

  /// The first `most` bytes, or as many as there are, whatever was read before. Large files are read by several threads:
  /// most of the time goes to finding and clearing memory, which they do beside each other.
  Result<RawBytes> read_first(std::uint64_t most) const;

 private:
  /// Fills `into` from `offset` on; returns how many bytes there were. Any number of threads at a time.
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) const;

  RegularFile(FilePtr file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

  FilePtr file_;
  std::uint64_t size_ = 0;  ///< when it was opened
  std::uint64_t taken_ = 0;
};

/// Where a file or folder really lies: absolute, all links followed. An error when there is none;
/// errc::no_such_file_or_directory when a part of it is missing.
std::filesystem::path real_path(const std::filesystem::path& path, std::error_code& error);

/// Whether following `relative` from `folder` on meets a link that may lead to another computer: on Windows,
/// where asking it already tells it who the user is, every symbolic link is taken for one. Follows none.
bool meets_network_link(const std::filesystem::path& folder, const std::filesystem::path& relative);

}  // namespace oct
