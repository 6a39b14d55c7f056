#pragma once
#include "base/console.hpp"
#include "base/exit_code.hpp"
#include "octane_master/options.hpp"

// The subcommands beside `render`: each prints its answer and returns the exit code.

namespace oct {

ExitCode list_devices(Console& console, bool json);
ExitCode inspect_file(Console& console, const MasterCommand& command);
ExitCode compile_scene(Console& console, const MasterCommand& command);
ExitCode resolve_film(Console& console, const MasterCommand& command);
ExitCode bench_rays(Console& console, const MasterCommand& command);
ExitCode debug_pixel(Console& console, const MasterCommand& command);

}  // namespace oct
