#include "scene/scene_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/file.hpp"
#include "scene/import_image.hpp"
#include "scene/import_log.hpp"
#include "scene/invalid.hpp"

namespace oct {
namespace {

namespace fs = std::filesystem;

/// Material libraries are text of a few megabytes.
constexpr std::uint64_t kMostLibraryBytes = 256'000'000;

/// What lies this many folders above the scene's is still its neighbourhood.
constexpr std::size_t kBeside = 1;

fs::path folder_path(const std::string& folder) {
  return path_from_utf8(folder.empty() ? "." : folder);
}

bool is_within(const fs::path& file, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

fs::path ancestor(fs::path folder, std::size_t ups) {
  for (; ups > 0 && folder.has_relative_path(); --ups) folder = folder.parent_path();
  return folder;
}

std::string size_words(std::uint64_t bytes) {
  return fmt::format("{:.2f} GB", static_cast<double>(bytes) * 1e-9);
}

Unexpected refused(std::string reason) {
  return fail(ErrorKind::invalid_input, std::move(reason), kAllowExternalFiles);
}

Unexpected not_found(const std::vector<std::string>& looked_in) {
  return invalid(fmt::format("file not found (looked in {})", fmt::join(looked_in, ", ")));
}

std::string shown_folder(const std::string& path) {
  const std::string folder = folder_of(path);
  return folder.empty() ? "." : printable(folder, 400);
}

/// Nothing for a file that is not there.
Result<std::optional<fs::path>> find_real_path(const fs::path& path) {
  std::error_code error;
  fs::path real = real_path(path, error);
  if (!error) return std::optional(std::move(real));
  if (error == std::errc::no_such_file_or_directory) return std::optional<fs::path>();
  return invalid(fmt::format("cannot be reached: {}", error.message()));
}

Unexpected outside(const fs::path& folder, const fs::path& named, const fs::path& real) {
  const bool by_link = (folder / named).lexically_normal() != real;
  return refused(by_link ? "is reached by a link that leads out of the scene's folder and what lies beside it"
                         : "lies neither in the scene's folder nor beside it");
}

/// The name says where the file is on some computer, and the scene does not decide that of this one.
Unexpected refused_absolute(const FileReference& reference) {
  switch (reference.kind) {
    case FileNameKind::network: return refused("names another computer, which is not asked");
    case FileNameKind::device: return invalid("names a device, not a file");
    default: return refused("is named by its absolute path, which is not followed");
  }
}

Result<void> check_memory(std::uint64_t bytes, std::uint64_t taken, const MemoryLimit& memory) {
  const std::uint64_t left = memory.bytes - std::min(memory.bytes, taken);
  if (bytes <= left) return {};
  return fail(
      ErrorKind::exhausted,
      fmt::format("needs {} of memory, {} are left ({})", size_words(bytes), size_words(left), memory.what),
      "check the file; if it is right, render on a computer with more memory");
}

/// Whether an absolute name can be looked up here without asking another computer.
bool is_local(const FileReference& reference) {
  if (!is_native_absolute(reference)) return false;
  const fs::path path = path_from_utf8(reference.path);
  return !meets_network_link(path.root_path(), path.relative_path());
}

bool lies_here(const FileReference& reference) {
  std::error_code error;
  return is_local(reference) && fs::exists(path_from_utf8(reference.path), error);
}

bool may_be_followed(const FileReference& reference) {
  return reference.kind == FileNameKind::network || is_native_absolute(reference);
}

/// The last folder of a name and what it names there: "maps/wood.png" of "D:/car/maps/wood.png"; empty without one.
std::string last_two_parts(const FileReference& reference) {
  const std::string_view path = reference.path;
  const std::size_t end = path.size() - reference.last_part.size();
  if (end < 2 || path[end - 1] != '/') return {};
  const std::string_view folders = path.substr(0, end - 1);
  const std::string_view folder = folders.substr(folders.rfind('/') + 1);  // npos + 1 is 0
  if (folder.empty() || folder == "." || folder == ".." || folder.find(':') != std::string_view::npos)
    return {};
  return fmt::format("{}/{}", folder, reference.last_part);
}

}  // namespace

namespace {

/// With another spelling that is there, as a help.
Unexpected users_file_not_found(const std::string& path) {
  Unexpected missing = not_found({shown_folder(path)});
  const std::string name = utf8_from_path(path_from_utf8(path).filename());
  const auto similar = name.empty() ? std::nullopt : SimilarNames().find(folder_path(folder_of(path)), name);
  if (!similar || *similar == name) return missing;
  return fail(missing.error.kind, missing.error.message,
              fmt::format("\"{}\", written differently, is there", printable(*similar)));
}

}  // namespace

std::string resolve_path(std::string_view folder, std::string_view name) {
  std::string relative(name);
  std::replace(relative.begin(), relative.end(), '\\', '/');
  if (folder.empty()) return relative;
  const bool slash = folder.ends_with('/') || folder.ends_with('\\');
  return fmt::format("{}{}{}", folder, slash ? "" : "/", relative);
}

SceneFiles::SceneFiles(std::string folder, const ImportOptions& options, std::optional<MemoryLimit> memory)
    : folder_(std::move(folder)), allow_external_(options.allow_external_files), memory_(std::move(memory)) {}

Result<SceneFiles::Content> SceneFiles::picture(const std::string& name, const std::string& beside) {
  OCT_TRY_ASSIGN(const FileReference reference, file_reference(name));
  std::vector<std::string> folders = {beside};
  if (beside != folder_) folders.push_back(folder_);
  const std::size_t ups = std::max(kBeside, reference.ups);
  OCT_TRY_ASSIGN(Found found, find(reference, places_of(reference, folders, TexturesFolders::yes), ups));
  if (found.file.size() == 0) return invalid("is empty");
  Bytes begun;
  OCT_TRY(found.file.read(kPictureSignatureBytes, begun));
  OCT_TRY(check_picture_kind(begun));
  if (found.file.size() > kMostPictureBytes) return invalid("is larger than 2 GB");
  return content(std::move(found), kMostPictureBytes);
}

Result<SceneFiles::Content> SceneFiles::buffer(const std::string& name, std::uint64_t byte_length) {
  OCT_TRY_ASSIGN(const FileReference reference, file_reference(name));
  OCT_TRY_ASSIGN(Found found, find(reference, places_of(reference, {folder_}, TexturesFolders::no), kBeside));
  return content(std::move(found), byte_length);
}

Result<SceneFiles::Content> SceneFiles::library(const std::string& name) {
  OCT_TRY_ASSIGN(const FileReference reference, file_reference(name));
  OCT_TRY_ASSIGN(Found found, find(reference, places_of(reference, {folder_}, TexturesFolders::no), kBeside));
  if (found.file.size() > kMostLibraryBytes) return invalid("is larger than 256 MB");
  return content(std::move(found), kMostLibraryBytes);
}

/// Where the name says; then its last folder beside the scene, or beside the scene's folder as projects have it, and
/// its last part alone, since a name of another computer is most often that of a file that came along with the scene.
std::vector<SceneFiles::Place> SceneFiles::places_of(const FileReference& reference,
                                                     const std::vector<std::string>& folders,
                                                     TexturesFolders textures) const {
  std::vector<Place> places;
  const bool is_relative = reference.kind == FileNameKind::relative;
  if (is_relative) {
    for (const std::string& folder : folders) places.push_back({folder, reference.path});
  } else {
    if (allow_external_ && may_be_followed(reference)) places.push_back({"", reference.path});
    if (const auto inside = path_in_scene(reference)) places.push_back({folder_, *inside});
  }
  const auto last = file_reference(reference.last_part);
  if (!last || last->kind != FileNameKind::relative) return places;
  const std::string folder_and_name = textures == TexturesFolders::yes ? last_two_parts(reference) : "";
  if (!folder_and_name.empty() && folder_and_name != reference.path) {
    for (const std::string& folder : folders) places.push_back({folder, folder_and_name, true});
    for (const std::string& folder : folders) places.push_back({folder, "../" + folder_and_name, true});
  }
  if (!is_relative || reference.path != reference.last_part) {
    for (const std::string& folder : folders) places.push_back({folder, reference.last_part, true});
  }
  if (textures == TexturesFolders::yes) {
    for (const std::string& folder : folders)
      places.push_back({folder, "textures/" + reference.last_part, true});
  }
  return places;
}

/// From the scene's folder on, when an absolute name leads into it, as in a project that was never moved.
std::optional<std::string> SceneFiles::path_in_scene(const FileReference& reference) const {
  if (!is_local(reference)) return std::nullopt;
  std::error_code error;
  const fs::path file = real_path(path_from_utf8(reference.path), error);
  if (error) return std::nullopt;
  const fs::path home = real_path(folder_path(folder_), error);
  if (error || !is_within(file, home)) return std::nullopt;
  return utf8_from_path(file.lexically_relative(home));
}

/// The first of the places where there is something: first those that the name says, and there the name as it is
/// before other spellings of it.
Result<SceneFiles::Found> SceneFiles::find(const FileReference& reference, const std::vector<Place>& places,
                                           std::size_t ups) {
  for (const bool elsewhere : {false, true}) {
    for (const bool similar : {false, true}) {
      for (const Place& place : places) {
        if (place.elsewhere != elsewhere) continue;
        OCT_TRY_ASSIGN(std::optional<Found> found, similar ? find_similar(place, ups) : find_at(place, ups));
        if (found) return *std::move(found);
      }
    }
  }
  const bool maybe_there = reference.kind == FileNameKind::network || lies_here(reference);
  const bool is_device = reference.kind == FileNameKind::device;
  if (is_device || (!allow_external_ && maybe_there)) return refused_absolute(reference);
  std::vector<std::string> looked_in;
  for (const Place& place : places) {
    std::string folder = shown_folder(resolve_path(place.folder, place.relative));
    if (std::find(looked_in.begin(), looked_in.end(), folder) == looked_in.end())
      looked_in.push_back(std::move(folder));
  }
  return not_found(looked_in);
}

Result<std::optional<SceneFiles::Found>> SceneFiles::find_at(const Place& place, std::size_t ups) {
  OCT_TRY_ASSIGN(std::optional<RegularFile> file, open(place, ups));
  if (!file) return std::optional<Found>();
  std::string path = resolve_path(place.folder, place.relative);
  std::string note = place.elsewhere ? fmt::format("is taken from {}", printable(path, 400)) : "";
  return std::optional(Found{*std::move(file), std::move(path), std::move(note)});
}

/// What is found so is opened under the same rules as any other name.
Result<std::optional<SceneFiles::Found>> SceneFiles::find_similar(const Place& place, std::size_t ups) {
  const fs::path relative = path_from_utf8(place.relative);
  const fs::path folder = folder_path(place.folder);
  if (relative.is_absolute() || (!allow_external_ && meets_network_link(folder, relative)))
    return std::optional<Found>();
  const std::optional<std::string> written = similar_names_.find(folder, place.relative);
  if (!written || *written == place.relative) return std::optional<Found>();
  OCT_TRY_ASSIGN(std::optional<Found> found, find_at({place.folder, *written, place.elsewhere}, ups));
  if (found) {
    found->note =
        fmt::format("is taken from {}, whose name is written differently", printable(found->path, 400));
  }
  return found;
}

/// Nothing when it is not there. Where links may not lead, the user is asked.
Result<std::optional<RegularFile>> SceneFiles::open(const Place& place, std::size_t ups) const {
  const fs::path folder = folder_path(place.folder);
  const fs::path relative = path_from_utf8(place.relative);
  if (!allow_external_ && meets_network_link(folder, relative))
    return refused("is reached by a link that may lead to another computer");
  OCT_TRY_ASSIGN(const std::optional<fs::path> real,
                 find_real_path(path_from_utf8(resolve_path(place.folder, place.relative))));
  if (!real) return std::optional<RegularFile>();
  if (!allow_external_) {
    OCT_TRY_ASSIGN(const std::optional<fs::path> home, find_real_path(folder));
    if (!home) return std::optional<RegularFile>();
    if (!is_within(*real, ancestor(*home, ups))) return outside(*home, relative, *real);
  }
  OCT_TRY_ASSIGN(RegularFile file, RegularFile::open(*real));
  return std::optional(std::move(file));
}

Result<SceneFiles::Content> SceneFiles::content(Found found, std::uint64_t most) {
  if (found.file.size() == 0) return invalid("is empty");
  OCT_TRY(take_memory(std::min(most, found.file.size())));
  OCT_TRY_ASSIGN(RawBytes bytes, found.file.read_first(most));
  return Content{std::move(bytes), folder_of(found.path), std::move(found.note)};
}

Result<void> SceneFiles::take_memory(std::uint64_t bytes) {
  if (!memory_) memory_ = memory_limit().value_or(MemoryLimit{~std::uint64_t{0}, ""});
  OCT_TRY(check_memory(bytes, taken_, *memory_));
  taken_ += bytes;
  return {};
}

Result<RawBytes> read_users_file(const std::string& path, std::uint64_t most) {
  if (path.find('\0') != std::string::npos) return invalid("its name holds a zero byte");
  if (!is_utf8(path)) return invalid("its file name is not UTF-8");
  OCT_TRY_ASSIGN(const std::optional<fs::path> real, find_real_path(path_from_utf8(path)));
  if (!real) return users_file_not_found(path);
  OCT_TRY_ASSIGN(RegularFile file, RegularFile::open(*real));
  if (file.size() == 0) return invalid("is empty");
  if (file.size() > most) return invalid(fmt::format("is larger than {}", size_words(most)));
  if (const auto memory = memory_limit()) OCT_TRY(check_memory(file.size(), 0, *memory));
  return file.read_first(file.size());
}

}  // namespace oct
