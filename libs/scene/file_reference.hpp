#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

// What the name says that a scene gives to another file, without looking at a disk.

namespace oct {

enum class FileNameKind {
  relative,
  absolute,  ///< "/home/a.png", "C:\a.png", "C:a.png"
  network,   ///< "\\server\share\a.png": asking for it tells that server who the user is
  device,    ///< "\\.\PhysicalDrive0", and CON, NUL, COM1 ... where they are devices
};

struct FileReference {
  FileNameKind kind = FileNameKind::relative;
  std::string path;       ///< with slashes only
  std::string last_part;  ///< "a.png"
  std::size_t ups = 0;    ///< of a relative name: how many folders it climbs above where it starts
};

/// Windows takes CON, NUL, COM1 and others for devices, in every folder and with every extension, and "a:b"
/// for a stream of a file.
enum class NameRules { posix, windows };
#if defined(_WIN32)
inline constexpr NameRules kNativeNames = NameRules::windows;
#else
inline constexpr NameRules kNativeNames = NameRules::posix;
#endif

/// Names of other systems are understood, too: back slashes count as slashes. An error for what is not the
/// name of a file: empty, a folder, not UTF-8, with a zero byte; it holds the reason alone.
Result<FileReference> file_reference(std::string_view name, NameRules rules = kNativeNames);

/// Whether the absolute name has the form of this system, so that a file may lie there.
bool is_native_absolute(const FileReference& reference, NameRules rules = kNativeNames);

}  // namespace oct
