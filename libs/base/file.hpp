#pragma once
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/byte_sink.hpp"
#include "base/bytes.hpp"
#include "base/private_file.hpp"
#include "base/result.hpp"

// Files named by UTF-8 paths, on every platform.

namespace oct {

/// The whole file. invalid_input when it is missing, unreadable, a folder, or larger than `size_limit` bytes.
Result<Bytes> read_file(const std::string& path, std::uint64_t size_limit = ~std::uint64_t{0});

/// What is left of a file that is open; errors name it `shown_path`.
Result<Bytes> read_open_file(std::FILE& file, const std::string& shown_path, std::uint64_t size_limit);

/// Who may read a file that is written: whoever the system lets (umask), or its owner and administrators.
enum class FileReaders { as_usual, owner };

/// Writes an OutputFile in one piece: under a temporary name beside `path`, flushed to the disk and renamed,
/// so that the name appears when the file is complete, and a failure leaves an older file untouched. Follows
/// links, writes into FIFOs and devices as they are, creates the folder. Errors are of kind `output`.
Result<void> write_file_by_renaming(const std::string& path, ByteView content,
                                    FileReaders readers = FileReaders::as_usual);

/// The same for a file that is made piece by piece: `fill` writes it into the sink it is given, which can
/// overwrite unless it is a FIFO or a device. An error of `fill` is returned as it is, and leaves an older
/// file untouched.
Result<void> stream_file_by_renaming(const std::string& path,
                                     const std::function<Result<void>(ByteSink&)>& fill);

/// Nothing, with errno set, when it cannot be opened.
FilePtr open_for_reading(const std::filesystem::path& path);

/// Whether an OutputFile is going to work, found out by trying with an empty temporary file; FIFOs and
/// devices are only asked for their rights, since a reader would notice more. Creates the folder, so that
/// nobody learns at 100 % that it is missing. Changes no file.
Result<void> check_writable(const std::string& path);

/// "render.exr" of "out/render.exr", "render" of it without extension, ".exr" in lower case, "out" (or "").
std::string file_name(std::string_view path);
std::string file_stem(std::string_view path);
std::string file_extension(std::string_view path);
std::string folder_of(std::string_view path);

std::filesystem::path path_from_utf8(std::string_view text);
std::string utf8_from_path(const std::filesystem::path& path);

}  // namespace oct
