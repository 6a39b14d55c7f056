#pragma once
#include <cstdint>
#include <string>

namespace oct {

/// One number names a release: 2.0.2 is 2000002.
inline constexpr std::uint32_t kVersion = 1000000;

/// "1.0.0" for 1000000.
std::string version_text(std::uint32_t version = kVersion);

/// "linux", "windows" or "macos": what this program was built for.
const char* platform_name();

/// "x86_64" or "aarch64".
const char* architecture_name();

}  // namespace oct
