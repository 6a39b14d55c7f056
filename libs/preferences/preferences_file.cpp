#include "preferences/preferences_file.hpp"

#include <fmt/format.h>

#include <system_error>

#include "base/config_folder.hpp"
#include "base/file.hpp"
#include "base/file_lock.hpp"
#include "base/output_target.hpp"
#include "base/plain_file.hpp"

namespace oct {
namespace {

constexpr Duration kPatience = seconds(5);

std::string utf8(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

Result<FileLock> lock_of(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  return FileLock::take(path.parent_path() / "preferences.json.lock", kPatience);
}

/// Nobody would understand a program that waits for the reader of a pipe.
Result<void> write(const std::filesystem::path& path, const std::string& text) {
  OCT_TRY_ASSIGN(const OutputTarget target, find_output_target(utf8(path)));
  if (target.kind == OutputTarget::Kind::stream)
    return fail(ErrorKind::output, fmt::format("{}: is not a regular file", utf8(path)), "remove it");
  return write_file_by_renaming(utf8(path), std::as_bytes(std::span(text)));
}

}  // namespace

Result<std::filesystem::path> preferences_path() {
  OCT_TRY_ASSIGN(const std::filesystem::path folder, config_folder());
  return folder / "preferences.json";
}

Result<std::string> preferences_text() {
  OCT_TRY_ASSIGN(const std::filesystem::path path, preferences_path());
  constexpr const char* kHelp = "let this user read it, or remove it: then the defaults count";
  const auto there = is_there(path);
  if (!there) return fail(there.error().kind, there.error().message, kHelp);
  if (!*there) return std::string();
  const auto bytes = read_plain_file(path, kMostPreferencesBytes);
  if (!bytes) return fail(bytes.error().kind, bytes.error().message, kHelp);
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

Result<ReadPreferences> load_preferences() {
  OCT_TRY_ASSIGN(const std::filesystem::path path, preferences_path());
  OCT_TRY_ASSIGN(const std::string text, preferences_text());
  return read_preferences(text, utf8(path));
}

Result<void> change_preferences(const std::function<Result<void>(Preferences&)>& change) {
  OCT_TRY_ASSIGN(const std::filesystem::path path, preferences_path());
  OCT_TRY_ASSIGN(const FileLock lock, lock_of(path));
  OCT_TRY_ASSIGN(const std::string former, preferences_text());
  OCT_TRY_ASSIGN(ReadPreferences read, read_preferences(former, utf8(path)));
  OCT_TRY(change(read.preferences));
  return write(path, write_preferences(read.preferences, former));
}

Result<void> reset_preferences() {
  OCT_TRY_ASSIGN(const std::filesystem::path path, preferences_path());
  OCT_TRY_ASSIGN(const FileLock lock, lock_of(path));
  return write(path, write_preferences(Preferences()));
}

}  // namespace oct
