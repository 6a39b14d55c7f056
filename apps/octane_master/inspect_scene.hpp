#pragma once
#include <string>

#include "base/console.hpp"
#include "base/exit_code.hpp"
#include "scene/scene.hpp"

namespace oct {

/// `octane_master inspect SCENE`: what the file holds, how it is understood, and what of it is left out.
ExitCode inspect_scene(Console& console, const std::string& path, const ImportOptions& options, bool json);

}  // namespace oct
