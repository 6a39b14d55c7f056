#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace oct {

/// What is common to file names that differ only in the case of letters, or in the Unicode form (macOS takes
/// apart what other systems write as one character: "é" as "e" and an accent).
std::string folded_file_name(std::string_view name);

/// Finds files by names that are written differently on the disk. Lists a folder once.
class SimilarNames {
 public:
  /// `relative`, from `folder` on, as the disk has it; "." and ".." are taken as they are. nullopt where a
  /// part is missing under any spelling. Of several names that fold alike the first in byte order is taken.
  std::optional<std::string> find(const std::filesystem::path& folder, std::string_view relative);

 private:
  using Names = std::map<std::string, std::string>;  ///< by folded name

  const Names& names_in(const std::filesystem::path& folder);

  std::map<std::filesystem::path, Names> known_;
};

}  // namespace oct
