#pragma once
#include <functional>
#include <map>
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
  std::string text;     ///< of help
  MasterConfig render;  ///< also the devices of bench and debug_pixel
  RenderJob
      job;  ///< scene of render, debug_pixel, compile, bench and (its import) inspect; outputs of resolve
  std::string batch;  ///< the jobs file of render; empty: none
  std::map<std::string, std::string>
      batch_options;       ///< that hold for all its jobs, by name; "" where one takes no value
  bool json = false;       ///< devices, inspect
  std::string file;        ///< inspect, resolve; to write: compile
  std::string rays, hits;  ///< bench
  std::uint32_t pixel_x = 0, pixel_y = 0, sample = 0;  ///< debug_pixel
};

/// invalid_input with what is wrong and what would be right. What the command line of a render leaves open is as the
/// preferences have it; nothing else reads them.
Result<MasterCommand> parse_master_command(const std::vector<std::string>& arguments,
                                           const std::function<Result<Preferences>()>& preferences);

/// One job of a batch, as a command line: options and the scene. Errors as parse_master_command().
Result<RenderJob> parse_job(const std::vector<std::string>& arguments, const Preferences& preferences);

/// Long names, without dashes, of the options that a job may have, and of all options of a render.
std::vector<std::string> job_option_names();
std::vector<std::string> render_option_names();

}  // namespace oct
