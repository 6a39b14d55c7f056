#include "preferences/preferences_file.hpp"

#include <fmt/format.h>

#include <system_error>

#include "base/config_folder.hpp"
#include "base/file.hpp"
#include "base/file_lock.hpp"

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

Result<void> write(const std::filesystem::path& path, const std::string& text) {
  return write_file_by_renaming(utf8(path), std::as_bytes(std::span(text)));
}

}  // namespace

Result<std::filesystem::path> preferences_path() {
  OCT_TRY_ASSIGN(const std::filesystem::path folder, config_folder());
  return folder / "preferences.json";
}

Result<std::string> preferences_text() {
  OCT_TRY_ASSIGN(const std::filesystem::path path, preferences_path());
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return std::string();
  OCT_TRY_ASSIGN(const Bytes bytes, read_file(utf8(path), kMostPreferencesBytes));
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
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
