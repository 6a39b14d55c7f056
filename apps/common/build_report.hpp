#pragma once
#include <string>

namespace oct {

/// "octane_master 1000000 (1.0.0)", with " no TLS" behind it where the build cannot encrypt: what --version prints.
std::string version_line(const std::string& program);

/// What --version --json prints, as one line: program, version, commit, platform, how it was built, and the versions of the
/// libraries inside. docs/command_line.md names the keys.
std::string version_json(const std::string& program);

}  // namespace oct
