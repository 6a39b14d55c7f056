#include "octane_master/subcommand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "common/command_line.hpp"

namespace oct {
namespace {

const std::vector<std::string>& subcommands() {
  static const std::vector<std::string> words = {"render",      "devices",  "daemons", "doctor",
                                                 "preferences", "resolve",  "compile", "inspect",
                                                 "bench",       "activate", "help"};
  return words;
}

/// A scene has an ending, or is at least there.
bool may_be_a_scene(const std::string& word) {
  std::error_code none;
  const std::u8string name(word.begin(), word.end());
  return word.find('.') != std::string::npos || std::filesystem::exists(std::filesystem::path(name), none);
}

}  // namespace

Result<std::vector<std::string>> with_known_subcommand(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments.front().starts_with('-')) return arguments;
  const std::string word = arguments.front();
  if (word == "help") {
    arguments.erase(arguments.begin());
    arguments.resize(std::min<std::size_t>(arguments.size(), 1));
    arguments.push_back("--help");
    return with_known_subcommand(std::move(arguments));
  }
  const auto& known = subcommands();
  if (std::find(known.begin(), known.end(), word) != known.end() || may_be_a_scene(word)) return arguments;
  const auto near = nearest(word, known);
  if (!near) return arguments;
  return fail(ErrorKind::invalid_input,
              fmt::format("{} is not a subcommand, and no scene has this name", word),
              fmt::format("did you mean octane_master {}?", *near));
}

}  // namespace oct
