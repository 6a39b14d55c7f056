#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/chunk_id.hpp"

namespace oct {

/// Chunks as files, each named by the 40 digits of its id, in a folder of their farm that this user alone may read. Several
/// programs may use it at once: a file appears as a whole, and may vanish at any time. Links are neither read nor written
/// through. What is read is not trusted: whoever asks checks its hash. Immutable: any thread.
class ChunkFolder {
 public:
  /// `folder` is the user's; that of the farm is made in it. output with the reason when it cannot be used.
  static Result<ChunkFolder> open(const std::string& folder, const std::string& farm);

  /// Also marks it as used now. Nothing when there is no such file, or nothing that could be a chunk.
  std::optional<Bytes> read(const ChunkId& id) const;

  /// output with the reason.
  Result<void> write(const ChunkId& id, ByteView content) const;
  void remove(const ChunkId& id) const;

  struct Entry {
    std::filesystem::path path;
    std::uint64_t bytes = 0;
    std::filesystem::file_time_type used;
  };
  /// All chunks in the user's folder, those of other farms, too.
  std::vector<Entry> entries() const;

 private:
  ChunkFolder(std::filesystem::path root, std::filesystem::path farm)
      : root_(std::move(root)), farm_(std::move(farm)) {}
  std::filesystem::path path_of(const ChunkId& id) const { return farm_ / id.hex(); }

  std::filesystem::path root_, farm_;
};

}  // namespace oct
