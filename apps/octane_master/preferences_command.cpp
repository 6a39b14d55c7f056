#include "octane_master/preferences_command.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/command_line.hpp"
#include "octane_master/failed.hpp"
#include "octane_master/farm_context.hpp"
#include "preferences/preferences_file.hpp"

namespace oct {
namespace {

CommandLineSpec preferences_spec() {
  CommandLineSpec spec;
  spec.program = "octane_master preferences";
  spec.usage = {
      "octane_master preferences [show]            show the preferences as JSON",
      "octane_master preferences set KEY VALUE     network.enable true; lists take commas",
      "octane_master preferences reset             back to the defaults",
      "octane_master preferences path              where the file is",
  };
  return spec;
}

std::string path_text(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

ExitCode show(Console& console) {
  const auto preferences = user_preferences(console);
  if (!preferences) return failed(console, preferences.error());
  std::string text = write_preferences(*preferences);
  text.pop_back();
  console.wanted_line(text);
  return ExitCode::done;
}

ExitCode set(Console& console, const std::string& key, const std::string& value) {
  const auto changed =
      change_preferences([&](Preferences& preferences) { return set_preference(preferences, key, value); });
  if (!changed) return failed(console, changed.error());
  console.line(fmt::format("{} = {}", key, value));
  return ExitCode::done;
}

ExitCode path(Console& console) {
  const auto path = preferences_path();
  if (!path) return failed(console, path.error());
  console.wanted_line(path_text(*path));
  return ExitCode::done;
}

ExitCode reset(Console& console) {
  if (const auto done = reset_preferences(); !done) return failed(console, done.error());
  console.line("Preferences reset to the defaults");
  return ExitCode::done;
}

}  // namespace

ExitCode preferences_command(const std::vector<std::string>& arguments, Console& console) {
  const CommandLineSpec spec = preferences_spec();
  const auto line = CommandLine::parse(spec, arguments);
  if (!line) return failed(console, line.error());
  if (line->has("help")) {
    console.wanted_line(help_text(spec));
    return ExitCode::done;
  }
  const auto& words = line->positional();
  const std::string what = words.empty() ? "show" : words[0];
  if (what == "set" && words.size() == 3) return set(console, words[1], words[2]);
  if (words.size() <= 1 && what == "show") return show(console);
  if (words.size() == 1 && what == "path") return path(console);
  if (words.size() == 1 && what == "reset") return reset(console);
  const std::vector<std::string> known = {"show", "set", "reset", "path"};
  const bool is_known = std::find(known.begin(), known.end(), what) != known.end();
  const auto near = is_known ? std::nullopt : nearest(what, known);
  return failed(console, {ErrorKind::invalid_input,
                          fmt::format("preferences {}: not understood", fmt::join(words, " ")),
                          near ? fmt::format("did you mean octane_master preferences {}?", *near)
                               : "octane_master preferences show, set KEY VALUE, reset, or path"});
}

}  // namespace oct
