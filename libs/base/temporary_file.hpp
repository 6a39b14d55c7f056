#pragma once
#include <filesystem>
#include <string>

#include "base/file.hpp"
#include "base/private_file.hpp"

// Files that become outputs by being renamed. Their names tell whose they are, so that what a killed program
// left behind can be removed without a doubt: ".octane-HOST-PROCESS-RANDOM.tmp", 16, 8 and 32 hexadecimal
// digits. HOST stands for one start of one computer (and one container of it), not for its name.

namespace oct {

struct TemporaryFile {
  std::filesystem::path path;
  FilePtr file;  ///< open for writing; nothing, with errno set, when it could not be made
};

/// A new file of an unforeseeable name in `folder`, made by this call and nobody else. Empty = the current
/// folder.
TemporaryFile make_temporary_file(const std::filesystem::path& folder, FileReaders readers);

/// Removes from `folder` what dead programs left there: of this computer when no such process runs, of others
/// when nobody has written to it for a day. `now` is the time of the file system. Returns how many.
std::size_t remove_left_over_temporaries(const std::filesystem::path& folder,
                                         std::filesystem::file_time_type now);

/// The name of a temporary file of a process of this computer.
std::string temporary_file_name(std::uint32_t process, const std::string& random_digits);

}  // namespace oct
