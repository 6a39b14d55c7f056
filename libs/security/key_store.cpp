#include "security/key_store.hpp"

#include <fmt/format.h>

#include <system_error>

#include "base/config_folder.hpp"
#include "base/escaped.hpp"
#include "base/file.hpp"
#include "base/plain_file.hpp"

namespace oct {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxKeyFileBytes = 4096;

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";  // editors on Windows add it
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

/// The key in a file's content, which is wiped.
Result<FarmKey> parse_key(const fs::path& file, Bytes content) {
  auto key = FarmKey::parse(
      without_byte_order_mark({reinterpret_cast<const char*>(content.data()), content.size()}));
  cleanse(std::span(content));
  if (key) return key;
  return fail(key.error().kind, escaped(utf8_from_path(file)) + ": " + key.error().message, key.error().help);
}

/// A file that is there and cannot be read is somebody's mistake, of which the message alone says little.
Error with_help(Error error, const fs::path& file) {
  if (error.kind != ErrorKind::invalid_input || !error.help.empty()) return error;
  const std::string name = escaped(utf8_from_path(file));
#if defined(_WIN32)
  error.help = fmt::format(
      "let whoever starts the programs read it, icacls \"{}\" /grant NAME:R; or remove it, and use "
      "--activate FILE",
      name);
#else
  error.help = fmt::format(
      "let whoever starts the programs read it, chmod and chown of {}; or remove it, and use --activate FILE",
      name);
#endif
  return error;
}

Result<void> write_key(const FarmKey& key, const fs::path& file, FileReaders readers) {
  std::string text = key.text();
  text += '\n';
  auto written = write_file_by_renaming(utf8_from_path(file),
                                        std::as_bytes(std::span(text.data(), text.size())), readers);
  cleanse(text);
  return written;
}

Result<std::optional<StoredKey>> load_if_there(const fs::path& file) {
  const auto there = is_there(file);
  if (!there) return fail(with_help(there.error(), file));
  if (!*there) return std::optional<StoredKey>();
  auto content = read_plain_file(file, kMaxKeyFileBytes);
  if (!content) return fail(with_help(content.error(), file));
  OCT_TRY_ASSIGN(const FarmKey key, parse_key(file, *std::move(content)));
  return std::optional<StoredKey>({key, file});
}

}  // namespace

Result<fs::path> user_key_file() {
  OCT_TRY_ASSIGN(const fs::path folder, config_folder());
  return folder / kKeyFileName;
}

Result<std::optional<StoredKey>> find_key(const fs::path& program_folder) {
  if (const auto file = user_key_file()) {  // accounts without a home may still have a folder of programs
    OCT_TRY_ASSIGN(auto stored, load_if_there(*file));
    if (stored) return stored;
  }
  if (program_folder.empty()) return std::optional<StoredKey>();
  return load_if_there(program_folder / kKeyFileName);
}

Result<FarmKey> load_key(const fs::path& file) {
  OCT_TRY_ASSIGN(Bytes content, read_file(utf8_from_path(file), kMaxKeyFileBytes));
  return parse_key(file, std::move(content));
}

Result<std::optional<FarmKey>> key_in(const fs::path& file) {
  OCT_TRY_ASSIGN(const auto stored, load_if_there(file));
  return stored ? std::optional(stored->key) : std::nullopt;
}

Result<void> store_key(const FarmKey& key, const fs::path& file) {
  return write_key(key, file, FileReaders::owner);
}

Result<void> share_key(const FarmKey& key, const fs::path& file) {
#if defined(_WIN32)
  return write_key(key, file, FileReaders::as_usual);  // by the access list of the folder
#else
  OCT_TRY(write_key(key, file, FileReaders::owner));
  constexpr fs::perms kReaders = fs::perms::group_read | fs::perms::others_read;
  std::error_code error;
  const fs::perms folder = fs::status(file.parent_path(), error).permissions();
  if (!error) fs::permissions(file, folder & kReaders, fs::perm_options::add, error);
  if (!error) return {};
  return fail(ErrorKind::output, fmt::format("{}: {}", escaped(utf8_from_path(file)), error.message()));
#endif
}

bool is_readable_by_others(const fs::path& file) {
#if defined(_WIN32)
  (void)file;  // access lists, which have no simple answer
  return false;
#else
  std::error_code error;
  const fs::perms perms = fs::status(file, error).permissions();
  return !error && (perms & (fs::perms::group_read | fs::perms::others_read)) != fs::perms::none;
#endif
}

}  // namespace oct
