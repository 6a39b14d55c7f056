#pragma once
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

// The cgroups of this process. Where there are none (Windows) nothing is found.

namespace oct {

/// The folders of the group of this process and of all above it, the root's first, in the mounted hierarchy `mount`. None
/// when this process is in no group of that kind.
///   root        where proc/self/cgroup is looked for
///   controller  "" is version 2, else that controller's hierarchy of version 1
/// A container may see its own group as the root of all, whatever its name outside: folders that are not there are named,
/// too.
std::vector<std::filesystem::path> control_group_folders(const std::filesystem::path& root,
                                                         std::string_view controller,
                                                         const std::filesystem::path& mount);

}  // namespace oct
