#pragma once
#include <filesystem>

#include "base/result.hpp"

namespace oct {

/// The user's folder of settings and keys: OCTANE_CONFIG_DIR; else %APPDATA%\octane on Windows,
/// $XDG_CONFIG_HOME/octane or ~/.config/octane elsewhere. It may not exist: writers create it, readers do
/// not. unavailable, with what to set, when the system names no place.
Result<std::filesystem::path> config_folder();

}  // namespace oct
