#pragma once
#include <cstdio>
#include <filesystem>
#include <memory>

namespace oct {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FilePtr = std::unique_ptr<std::FILE, CloseFile>;

/// A new file, open for writing, that only its owner (and administrators) can read from its first moment on.
/// Nothing, with errno set, when it exists or cannot be created.
FilePtr create_private_file(const std::filesystem::path& path);

/// The same, with the readers that the system lets (umask; what its folder passes on).
FilePtr create_new_file(const std::filesystem::path& path);

}  // namespace oct
