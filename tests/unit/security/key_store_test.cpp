#include "security/key_store.hpp"

#include <fstream>

#include "base/config_folder.hpp"
#include "base/file.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/temp_dir.hpp"

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

namespace oct {
namespace {

namespace fs = std::filesystem;
using test::ScopedVariable;
using test::TempDir;

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

TEST_CASE("a stored key is loaded again, and nobody else can read its file", "[security]") {
  const TempDir folder;
  const fs::path file = folder.path() / "new folder" / kKeyFileName;
  const FarmKey first = FarmKey::generate(), second = FarmKey::generate();
  REQUIRE(store_key(first, file));
  CHECK(*load_key(file) == first);
  REQUIRE(store_key(second, file));
  CHECK(*load_key(file) == second);
  CHECK(std::distance(fs::directory_iterator(file.parent_path()), {}) == 1);
  CHECK_FALSE(is_readable_by_others(file));
#if !defined(_WIN32)
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  fs::permissions(file, fs::perms::others_read, fs::perm_options::add);
  CHECK(is_readable_by_others(file));
  REQUIRE(store_key(first, file));  // a wider file of before is not reused
  CHECK_FALSE(is_readable_by_others(file));
#endif
}

#if !defined(_WIN32)
TEST_CASE("a key in a folder of programs is read by whoever may read the folder", "[security]") {
  const TempDir folder;
  const fs::path file = folder.path() / kKeyFileName;
  const FarmKey key = FarmKey::generate();
  using enum fs::perms;
  for (const fs::perms readers : {none, group_read | group_exec, group_read | others_read | others_exec}) {
    fs::permissions(folder.path(), owner_all | readers);
    REQUIRE(share_key(key, file));
    CHECK(*load_key(file) == key);
    CHECK(fs::status(file).permissions() ==
          (owner_read | owner_write | (readers & (group_read | others_read))));
  }
}
#endif

TEST_CASE("a key file written by an editor is read", "[security]") {
  const TempDir folder;
  const fs::path file = folder.path() / kKeyFileName;
  const FarmKey key = FarmKey::generate();
  write(file, "\xEF\xBB\xBF" + key.text() + "\r\n\r\n");
  CHECK(*load_key(file) == key);
}

TEST_CASE("a file that holds no key is named, its content is not", "[security]") {
  const TempDir folder;
  const fs::path file = folder.path() / kKeyFileName;
  std::string text = FarmKey::generate().text();
  text[8] = text[8] == '7' ? '8' : '7';
  for (const std::string& content : {std::string(), text, std::string(10'000, '7')}) {
    write(file, content);
    const auto loaded = load_key(file);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().kind == ErrorKind::invalid_input);
    CHECK(loaded.error().message.find("farm.key") != std::string::npos);
    CHECK(loaded.error().message.find(text.substr(5, 5)) == std::string::npos);
  }
  CHECK_FALSE(load_key(folder.path() / "none"));
  CHECK_FALSE(load_key(folder.path()));
}

TEST_CASE("the user's key counts, then the one beside the programs, and a broken one is no reason to go on",
          "[security]") {
  const TempDir folder;
  const fs::path config = folder.path() / "config", programs = folder.path() / "programs";
  const ScopedVariable variable("OCTANE_CONFIG_DIR", utf8_from_path(config));
  CHECK(*config_folder() == config);
  const auto none = find_key(programs);
  REQUIRE(none);
  CHECK_FALSE(none->has_value());
  CHECK_FALSE(fs::exists(config));  // readers do not create it

  const FarmKey users = FarmKey::generate(), beside = FarmKey::generate();
  REQUIRE(store_key(beside, programs / kKeyFileName));
  CHECK(find_key(programs)->value().key == beside);
  CHECK(find_key(programs)->value().file == programs / kKeyFileName);
  CHECK_FALSE(find_key({})->has_value());

  REQUIRE(store_key(users, *user_key_file()));
  CHECK(find_key(programs)->value().key == users);
  write(*user_key_file(), "rubbish");
  CHECK_FALSE(find_key(programs));
}

TEST_CASE("a key that cannot be reached is not the same as none", "[security]") {
  const TempDir folder;
  const fs::path config = folder.path() / "config", file = config / kKeyFileName;
  const ScopedVariable variable("OCTANE_CONFIG_DIR", utf8_from_path(config));
  REQUIRE(store_key(FarmKey::generate(), folder.path() / "programs" / kKeyFileName));
  const auto refuses = [&] {
    const auto found = find_key(folder.path() / "programs");  // and does not fall back to the one there
    if (found) return false;
    CHECK(found.error().kind == ErrorKind::invalid_input);
    CHECK(found.error().message.find(kKeyFileName) != std::string::npos);
    CHECK_FALSE(found.error().help.empty());
    return true;
  };
  fs::create_directories(file);
  CHECK(refuses());
#if !defined(_WIN32)
  fs::remove(file);
  fs::create_symlink("nowhere", file);
  CHECK(refuses());
  fs::remove(file);
  fs::create_symlink(kKeyFileName, file);
  CHECK(refuses());
  fs::remove(file);
  REQUIRE(mkfifo(file.c_str(), 0600) == 0);
  CHECK(refuses());
  CHECK_FALSE(store_key(FarmKey::generate(), file));  // nor is a reader waited for
  fs::remove(file);
  fs::remove(config);
  fs::create_symlink("share", config);  // not mounted
  CHECK(refuses());
#endif
}

#if !defined(_WIN32)
TEST_CASE("the configuration folder follows the platform's variables", "[base]") {
  const ScopedVariable own("OCTANE_CONFIG_DIR", std::nullopt);
  const ScopedVariable home("HOME", "/home/somebody");
  const ScopedVariable xdg("XDG_CONFIG_HOME", "/somewhere/config");
  CHECK(*config_folder() == "/somewhere/config/octane");
  const ScopedVariable relative("XDG_CONFIG_HOME", "relative/config");
  CHECK(*config_folder() == "/home/somebody/.config/octane");
  const ScopedVariable none("XDG_CONFIG_HOME", std::nullopt);
  CHECK(*config_folder() == "/home/somebody/.config/octane");
}
#else
TEST_CASE("the configuration folder follows the platform's variables", "[base]") {
  const ScopedVariable own("OCTANE_CONFIG_DIR", std::nullopt);
  const ScopedVariable data("APPDATA", "C:\\data");
  CHECK(*config_folder() == fs::path(L"C:\\data") / "octane");
}
#endif

}  // namespace
}  // namespace oct
