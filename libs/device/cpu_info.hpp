#pragma once
#include <cstdint>
#include <string>

#include "base/cpu_level.hpp"  // IWYU pragma: export

namespace oct {

/// The processor's own name without decoration, "AMD EPYC 7B13"; "CPU" where it has none.
std::string cpu_name();

/// Physical memory of this computer; 0 when it cannot be found out.
std::uint64_t physical_memory_bytes();

}  // namespace oct
