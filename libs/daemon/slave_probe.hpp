#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "wire/device_info.hpp"

namespace oct {

/// What a slave program says of itself and its computer (octane_slave --info).
struct SlaveFacts {
  std::uint32_t version = 0;
  std::string platform, architecture;
  std::uint32_t bitness = 0;
  std::string kernel_hash;
  std::vector<DeviceInfo> devices;
  std::string no_gpu_reason;
  bool can_rest = false;  ///< between renders, with its scenes in memory
};

/// invalid_input unless the text is such a document. Never throws.
Result<SlaveFacts> read_slave_facts(const std::string& document);

struct SlaveExit;

/// What these lines, the output of `program --info` that ended so, say; unavailable when it failed, with its
/// own words.
Result<SlaveFacts> slave_facts_of(const std::string& program, const std::vector<std::string>& lines,
                                  const SlaveExit& exit);

}  // namespace oct
