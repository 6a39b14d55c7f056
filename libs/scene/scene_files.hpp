#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/memory_limit.hpp"
#include "base/raw_bytes.hpp"
#include "base/regular_file.hpp"
#include "scene/file_reference.hpp"
#include "scene/scene.hpp"
#include "scene/similar_names.hpp"

namespace oct {

/// What a person adds who trusts the scene.
inline constexpr const char* kAllowExternalFiles =
    "add --allow-external-files if you trust this scene: it may then read any file that you may";

/// Which files a scene gets to read besides itself, and how much of them; the rules are told in
/// docs/security.md. Errors hold the reason alone. One with a `help` is a refusal: the file may be there, but
/// the user has to say that it may be read, or make room for it. One thread at a time.
class SceneFiles {
 public:
  /// `folder` is the scene's, "" = the current one. `memory` bounds what is read, all files together; none:
  /// what this process may have.
  SceneFiles(std::string folder, const ImportOptions& options, std::optional<MemoryLimit> memory = {});

  struct Content {
    RawBytes bytes;
    std::string folder;  ///< that the file was found in
    std::string note;    ///< worth a warning: it was found elsewhere than the scene says
  };

  /// A picture that is decoded here, by its first bytes: others are not read. Looked for in `beside`, the
  /// folder of whoever names it, then in the scene's folder; and by its last name in both and in the
  /// `textures` of both.
  Result<Content> picture(const std::string& name, const std::string& beside);
  /// The first `byte_length` bytes of a buffer, fewer when it has fewer.
  Result<Content> buffer(const std::string& name, std::uint64_t byte_length);
  /// A material library.
  Result<Content> library(const std::string& name);

  const std::string& folder() const { return folder_; }

 private:
  struct Place {
    std::string folder;      ///< that links may not leave; "" = the current one
    std::string relative;    ///< from there; or an absolute path
    bool elsewhere = false;  ///< than the name says
  };
  struct Found {
    RegularFile file;
    std::string path;
    std::string note;
  };

  enum class TexturesFolders { no, yes };

  Result<Found> find(const FileReference& reference, const std::vector<Place>& places, std::size_t ups);
  Result<std::optional<Found>> find_at(const Place& place, std::size_t ups);
  Result<std::optional<Found>> find_similar(const Place& place, std::size_t ups);
  std::vector<Place> places_of(const FileReference& reference, const std::vector<std::string>& folders,
                               TexturesFolders textures) const;
  std::optional<std::string> path_in_scene(const FileReference& reference) const;
  Result<std::optional<RegularFile>> open(const Place& place, std::size_t ups) const;
  Result<Content> content(Found found, std::uint64_t most);
  Result<void> take_memory(std::uint64_t bytes);

  std::string folder_;
  bool allow_external_ = false;
  std::optional<MemoryLimit> memory_;  ///< asked for when the first file is read
  std::uint64_t taken_ = 0;
  SimilarNames similar_names_;
};

/// The whole of a file that the user named, if it has at most `most` bytes and memory holds it; any regular
/// file, wherever links lead. Errors hold the reason alone: `file not found (looked in FOLDER)`, `is not a
/// file`, `is empty`.
Result<RawBytes> read_users_file(const std::string& path, std::uint64_t most);

/// The path of a file named by `name`, relative to `folder` ("" = current). Back slashes count as slashes.
std::string resolve_path(std::string_view folder, std::string_view name);

}  // namespace oct
