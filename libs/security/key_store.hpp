#pragma once
#include <filesystem>
#include <optional>

#include "base/result.hpp"
#include "security/farm_key.hpp"

// Where the farm key is kept: a file of one line, `farm.key`, in the user's configuration folder, or beside
// the programs, so that copying their folder activates the copy.

namespace oct {

inline constexpr const char* kKeyFileName = "farm.key";

struct StoredKey {
  FarmKey key;
  std::filesystem::path file;
};

/// `farm.key` of the user's configuration folder. unavailable when the system names no such folder.
Result<std::filesystem::path> user_key_file();

/// The user's key, else the one in `program_folder`, else nothing. A file that is there but holds no key, or
/// cannot be reached (a link that leads nowhere, a closed folder, a pipe or a folder in its place), is an
/// error: falling back to another farm, or to none, would be worse than stopping.
Result<std::optional<StoredKey>> find_key(const std::filesystem::path& program_folder);

/// invalid_input when the file is missing, unreadable or holds no key; the message names the file and nothing
/// of its content. A pipe is waited for: somebody has named it.
Result<FarmKey> load_key(const std::filesystem::path& file);

/// The key of a file in its place, which is not waited for; nothing when there is none. Errors as find_key().
Result<std::optional<FarmKey>> key_in(const std::filesystem::path& file);

/// Writes the file, by renaming, so that only this user (and the computer's administrators) can read it.
/// Creates its folder. Errors are of kind `output`.
Result<void> store_key(const FarmKey& key, const std::filesystem::path& file);

/// The same for a folder of programs that others run, or that is copied: whoever may read the folder may read the key,
/// as the programs must that run there in another user's name.
Result<void> share_key(const FarmKey& key, const std::filesystem::path& file);

/// Whether other users of this computer may read the file, as far as the system's simple permissions tell.
bool is_readable_by_others(const std::filesystem::path& file);

}  // namespace oct
