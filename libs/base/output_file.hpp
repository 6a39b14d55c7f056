#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/byte_sink.hpp"
#include "base/file.hpp"
#include "base/output_target.hpp"
#include "base/private_file.hpp"

namespace oct {

/// An output being written, of which nobody sees a part: a file grows under a temporary name beside its own,
/// and commit() flushes it to the disk and renames it, so that a failure leaves an older file untouched.
/// Links are followed and stay. A FIFO, a device or an open descriptor (/dev/null, /dev/stdout) is written to
/// as it is. One thread at a time; opening a FIFO waits for its reader. Errors are of kind `output`.
class OutputFile final : public ByteSink {
 public:
  /// Creates the folder. The file has the mode of the one that it replaces; a new one has that of the umask,
  /// or its owner's alone, and then it is never a stream.
  static Result<OutputFile> open(const std::string& path, FileReaders readers = FileReaders::as_usual);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  /// Without commit(): gives up, and removes the temporary file.
  ~OutputFile() override;

  /// Appends.
  Result<void> write(ByteView bytes) override;

  /// Whether overwrite() works: not in a stream.
  bool can_overwrite() const override { return target_.kind == OutputTarget::Kind::file; }
  /// Writes over bytes that were appended before, such as a table of offsets; what follows is appended as if
  /// nothing had been.
  Result<void> overwrite(std::uint64_t offset, ByteView bytes) override;

  /// Bytes appended so far.
  std::uint64_t size() const { return size_; }

  /// Makes it appear under its name. Nothing may be written behind it.
  Result<void> commit();

 private:
  OutputFile(std::string shown_path, OutputTarget target)
      : shown_path_(std::move(shown_path)), target_(std::move(target)) {}

  Result<void> open_stream();
  Result<void> open_temporary(FileReaders readers);
  Result<void> put(ByteView bytes);
  Result<void> rename();
  Unexpected failed(int code) const;

  std::string shown_path_;
  OutputTarget target_;
  std::filesystem::path temporary_;
  FilePtr file_;
  std::uint64_t size_ = 0;
};

}  // namespace oct
