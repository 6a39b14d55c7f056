#pragma once
#include <string>

#include "base/console.hpp"
#include "base/exit_code.hpp"

namespace oct {

/// What the head of a compiled scene tells: `octane_master inspect FILE.octscene`.
ExitCode inspect_compiled_scene(Console& console, const std::string& path, bool json);

}  // namespace oct
