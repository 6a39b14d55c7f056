#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "preferences/preferences.hpp"

namespace oct {

/// preferences.json in the user's configuration folder. unavailable when the system names no such folder.
Result<std::filesystem::path> preferences_path();

/// The file's text; empty when there is no file. invalid_input when it cannot be read.
Result<std::string> preferences_text();

/// The user's preferences; the defaults where there is no file. Errors as read_preferences.
Result<ReadPreferences> load_preferences();

/// Reads, changes and writes the file, by renaming and under a lock, so that of two programs that do so at
/// once none loses its change. What `change` fails with is passed on, and nothing is written. unavailable
/// when another program holds the lock for 5 s; output when the file cannot be written.
Result<void> change_preferences(const std::function<Result<void>(Preferences&)>& change);

/// Writes the defaults, also over a file that cannot be read.
Result<void> reset_preferences();

}  // namespace oct
