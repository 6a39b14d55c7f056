#include "common/activation.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "common/arguments.hpp"
#include "common/secret_input.hpp"

namespace oct {
namespace {

ExitCode failed(Console& console, const Error& error, ExitCode code) {
  console.error(error.message, error.help);
  return code;
}

Result<FarmKey> read_key(const std::string& source) {
  if (FarmKey::parse(source)) {
    return fail(ErrorKind::invalid_input,
                "a farm key does not belong on a command line, where others can see it",
                "--activate FILE, or --activate - and then the key");
  }
  if (source != "-") return load_key(path_from_utf8(source));
  OCT_TRY_ASSIGN(std::string line, read_secret_line("Farm key: "));
  auto key = FarmKey::parse(line);
  cleanse(line);
  if (!key) return fail(key.error().kind, "standard input: " + key.error().message, key.error().help);
  return key;
}

/// What became of the key that was there before.
std::string stored_text(const FarmKey& key, const std::filesystem::path& file) {
  const std::string name = utf8_from_path(file);
  const auto former = key_in(file);
  if (!former || !*former) return fmt::format("key stored in {}", name);
  if (**former == key) return fmt::format("{} already holds this key", name);
  return fmt::format("key stored in {}, in place of farm {}", name, farm_text((*former)->farm()));
}

}  // namespace

Result<std::optional<StoredKey>> find_farm_key() {
  return find_key(path_from_utf8(program_folder()));
}

Result<NetworkAccess> network_access(bool insecure, Console& console) {
  OCT_TRY_ASSIGN(const auto stored, find_farm_key());
  NetworkAccess access{.insecure = insecure};
  if (!stored) return access;
  OCT_TRY(check_tls());
  access.key = stored->key;
  if (insecure) {
    console.note(
        fmt::format("--net-insecure means nothing here: with a farm key ({}) everything is encrypted",
                    utf8_from_path(stored->file)));
  }
  return access;
}

ExitCode activate_from(const std::string& source, Console& console) {
  if (auto tls = check_tls(); !tls) return failed(console, tls.error(), ExitCode::activation);
  const auto key = read_key(source);
  if (!key && key.error().kind == ErrorKind::cancelled) return ExitCode::interrupted;
  if (!key) return failed(console, key.error(), ExitCode::activation);
  const auto file = user_key_file();
  if (!file) return failed(console, file.error(), ExitCode::output);
  const std::string stored = stored_text(*key, *file);
  if (auto written = store_key(*key, *file); !written)
    return failed(console, written.error(), ExitCode::output);
  console.wanted_line(fmt::format("{:<11}{}    ({})", "Farm", farm_text(key->farm()), stored));
  return ExitCode::done;
}

std::string farm_line(const FarmKey& key) {
  return fmt::format("{:<11}{}    (short name, not secret, the same on all its computers)", "Farm",
                     farm_text(key.farm()));
}

}  // namespace oct
