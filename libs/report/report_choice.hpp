#pragma once
#include <optional>
#include <string>

#include "base/log.hpp"

namespace oct {

enum class ProgressMode { automatic, bar, plain, json, openjd, none };

/// What a user wants to see of a render, with the defaults of the command line.
struct ReportChoice {
  ProgressMode progress = ProgressMode::automatic;
  std::optional<double> interval_seconds;
  bool net_verbose = false;
  std::string report;
  std::string log_file;
  LogLevel log_level = LogLevel::info;
  bool no_color = false;
  bool quiet = false;
};

}  // namespace oct
