#pragma once
#include <cstdint>
#include <filesystem>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/result.hpp"

// Files that a program looks for by itself: its settings, its key. Nobody named them on a command line, so
// nobody would understand a program that waits for a pipe, or goes on as if there were none.

namespace oct {

/// False where nothing has this name. True where something can be opened under it, a folder, too. invalid_input
/// where something is in the way that leads nowhere: a link without an end or in a circle, a folder that this
/// user may not enter.
Result<bool> is_there(const std::filesystem::path& path);

/// As read_file(), but invalid_input for whatever is not a regular file. Never waits.
Result<Bytes> read_plain_file(const std::filesystem::path& path, std::uint64_t size_limit);

}  // namespace oct
