#pragma once
#include <functional>
#include <string>
#include <vector>

#include "common/command_line.hpp"
#include "master/master_config.hpp"
#include "preferences/preferences.hpp"

namespace oct {

/// What the command line asks of octane_master.
struct MasterCommand {
  enum class Kind { render, debug_pixel, devices, inspect, resolve, compile, bench, help, version };
  Kind kind = Kind::help;
  std::string text;  ///< of help
  MasterConfig
      render;  ///< also the scene of debug_pixel, compile, bench and (its import) inspect, the outputs of resolve
  bool json = false;                                   ///< devices, inspect
  std::string file;                                    ///< inspect, resolve; to write: compile
  std::string rays, hits;                              ///< bench
  std::uint32_t pixel_x = 0, pixel_y = 0, sample = 0;  ///< debug_pixel
};

/// invalid_input with what is wrong and what would be right. What the command line of a render leaves open is as the
/// preferences have it; nothing else reads them.
Result<MasterCommand> parse_master_command(const std::vector<std::string>& arguments,
                                           const std::function<Result<Preferences>()>& preferences);

}  // namespace oct
