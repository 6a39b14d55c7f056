#pragma once
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "base/console.hpp"
#include "common/command_line.hpp"
#include "octane_master/failed.hpp"
#include "octane_master/farm_context.hpp"

namespace oct {

/// What one `octane_master daemons` works with.
struct DaemonsCall {
  Console& console;
  const CommandLine& line;
  FarmContext& context;
  std::vector<std::string> names;
  std::optional<double> wait_s;

  bool json() const { return line.has("json"); }
};

inline std::uint64_t unix_now() {
  return static_cast<std::uint64_t>(std::time(nullptr));
}

}  // namespace oct
