#include "octane_master/activate.hpp"

#include <fmt/format.h>

#include <system_error>

#include "base/file.hpp"
#include "common/activation.hpp"
#include "common/arguments.hpp"
#include "common/command_line.hpp"
#include "octane_master/failed.hpp"

namespace oct {
namespace {

CommandLineSpec activate_spec() {
  CommandLineSpec spec;
  spec.program = "octane_master activate";
  spec.usage = {"octane_master activate [--show|--rotate] [--into FOLDER]",
                "  Makes the key that the computers of one farm share, unless there is one."};
  spec.groups = {{"Key",
                  {{"--show", "print the key, for --activate - on another computer"},
                   {"--rotate", "make a new key in place of the old one"},
                   {"--into FOLDER",
                    "also put the key into this folder; programs in copies of it belong to the farm"}}}};
  return spec;
}

/// Prints the key itself. `state` says where it is, and whether it is new.
void show_key(const FarmKey& key, const std::string& state, Console& console) {
  std::string text = key.text();
  std::string line = fmt::format("{:<11}{}    ({})", "Farm key", text, state);
  console.wanted_line(line);
  cleanse(line);
  cleanse(text);
}

/// A new key in `file`.
Result<FarmKey> make_key(const std::filesystem::path& file) {
  const FarmKey key = FarmKey::generate();
  OCT_TRY(store_key(key, file));
  return key;
}

/// A key beside the programs is for all who run them.
void warn_of_readers(const std::filesystem::path& file, Console& console) {
  const auto own = user_key_file();
  if (!own || *own != file || !is_readable_by_others(file)) return;
  const std::string name = utf8_from_path(file);
  console.warning(fmt::format("{}: other users of this computer can read the key", name),
                  fmt::format("chmod 600 {}", name));
}

/// Says where the key is and how it came there; makes it where there is none or another is wanted.
Result<FarmKey> make_or_show(const std::optional<StoredKey>& stored, const CommandLine& line,
                             Console& console) {
  if (stored && !line.has("rotate")) {
    const std::string name = utf8_from_path(stored->file);
    if (line.has("show"))
      show_key(stored->key, "kept in " + name, console);
    else
      console.wanted_line(fmt::format("{:<11}kept in {}    (--show prints it)", "Farm key", name));
    warn_of_readers(stored->file, console);
    return stored->key;
  }
  std::filesystem::path file = stored ? stored->file : std::filesystem::path();
  if (!stored) {
    OCT_TRY_ASSIGN(file, user_key_file());
  }
  OCT_TRY_ASSIGN(const FarmKey key, make_key(file));
  show_key(key, fmt::format("new; kept in {}", utf8_from_path(file)), console);
  return key;
}

ExitCode put_into(const FarmKey& key, const std::string& folder, Console& console) {
  const std::filesystem::path file = path_from_utf8(folder) / kKeyFileName;
  if (auto written = share_key(key, file); !written)
    return failed(console, written.error(), ExitCode::output);
  console.wanted_line(
      fmt::format("{:<11}{}    (copy the folder to the other computers and they belong to the farm)",
                  "Copied to", utf8_from_path(file)));
  console.note(
      "help: whoever may read this folder, or a copy of it, may read the key, and so work in the farm's "
      "name");
  return ExitCode::done;
}

void tell_what_next(const CommandLine& line, const std::optional<StoredKey>& former, Console& console) {
  if (line.has("into") || line.has("show")) return;
  if (former && line.has("rotate")) {
    console.note(
        fmt::format("help: farm {} no longer exists: copy the new key to its other computers; until then "
                    "they are refused",
                    farm_text(former->key.farm())));
    return;
  }
  std::string folder = program_folder();
  while (folder.size() > 1 && (folder.back() == '/' || folder.back() == '\\')) folder.pop_back();
  console.note(fmt::format(
      "help: octane_master activate --into {}   puts the key into this folder; copy the folder to the "
      "other computers and they belong to the farm",
      folder.empty() ? "FOLDER" : folder));
}

Result<CommandLine> parse(const CommandLineSpec& spec, const std::vector<std::string>& arguments) {
  OCT_TRY_ASSIGN(CommandLine line, CommandLine::parse(spec, arguments));
  if (!line.positional().empty())
    return fail(ErrorKind::invalid_input, fmt::format("{} is not an option", line.positional().front()),
                spec.usage.front());
  if (line.has("show") && line.has("rotate"))
    return fail(ErrorKind::invalid_input, "--show prints the existing key, --rotate makes a new one",
                "octane_master activate --rotate   prints the new one");
  return line;
}

}  // namespace

ExitCode activate(const std::vector<std::string>& arguments, Console& console) {
  const CommandLineSpec spec = activate_spec();
  const auto line = parse(spec, arguments);
  if (!line) return failed(console, line.error(), ExitCode::usage);
  if (line->has("help")) {
    console.wanted_line(help_text(spec));
    return ExitCode::done;
  }
  if (auto tls = check_tls(); !tls) return failed(console, tls.error(), ExitCode::activation);
  const auto stored = find_farm_key();
  if (!stored) return failed(console, stored.error(), ExitCode::activation);
  if (line->has("show") && !*stored) {
    return failed(console,
                  {ErrorKind::invalid_input, "this computer is not activated: there is no key to show",
                   "octane_master activate   makes one"},
                  ExitCode::activation);
  }
  const auto key = make_or_show(*stored, *line, console);
  if (!key) return failed(console, key.error(), ExitCode::output);
  console.wanted_line(farm_line(*key));
  if (const auto folder = line->text("into")) return put_into(*key, *folder, console);
  tell_what_next(*line, *stored, console);
  return ExitCode::done;
}

}  // namespace oct
