#pragma once
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace oct {

/// Where a file's bytes go as they are made, so that nobody needs the whole file in memory. One thread.
class ByteSink {
 public:
  virtual ~ByteSink() = default;

  /// Appends. Errors are of kind `output`, and final.
  virtual Result<void> write(ByteView bytes) = 0;

  /// Whether overwrite works: yes for files, no for pipes and devices. Who writes does without where it must.
  virtual bool can_overwrite() const { return false; }

  /// Replaces bytes that were written before, `offset` bytes from the first one.
  virtual Result<void> overwrite(std::uint64_t, ByteView) {
    return fail(ErrorKind::internal, "what was written cannot be replaced");
  }
};

/// Keeps everything in memory.
class MemorySink : public ByteSink {
 public:
  Result<void> write(ByteView bytes) override {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return {};
  }
  bool can_overwrite() const override { return true; }
  Result<void> overwrite(std::uint64_t offset, ByteView bytes) override {
    OCT_CHECK(offset <= bytes_.size() && bytes.size() <= bytes_.size() - offset);
    std::memcpy(bytes_.data() + offset, bytes.data(), bytes.size());
    return {};
  }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

}  // namespace oct
