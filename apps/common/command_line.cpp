#include "common/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cxxopts.hpp>
#include <sstream>

#include "base/version.hpp"
#include "security/tls_support.hpp"

namespace oct {
namespace {

/// One option, as the words of a help line describe it.
struct Option {
  std::string letter;  ///< "s" or empty
  std::string name;    ///< "samples"
  bool takes_value = false;
};

/// "cam-pos-{x,y,z}" gives three names.
std::vector<std::string> expanded(const std::string& name) {
  const std::size_t open = name.find('{');
  const std::size_t close = name.find('}');
  if (open == std::string::npos || close == std::string::npos) return {name};
  std::vector<std::string> names;
  std::istringstream parts(name.substr(open + 1, close - open - 1));
  for (std::string part; std::getline(parts, part, ',');)
    names.push_back(name.substr(0, open) + part + name.substr(close + 1));
  return names;
}

std::vector<Option> options_of(const std::string& words) {
  std::istringstream stream(words);
  std::string names, value;
  stream >> names >> value;
  Option option;
  option.takes_value = !value.empty() && value.front() != '(';
  if (names.size() > 2 && names[0] == '-' && names[1] != '-') {
    option.letter = names.substr(1, 1);
    names = names.substr(3);  // behind "-s,"
  }
  std::vector<Option> options;
  for (const std::string& name : expanded(names.substr(2))) {
    option.name = name;
    options.push_back(option);
  }
  return options;
}

std::vector<Option> options_of(const CommandLineSpec& spec) {
  std::vector<Option> all = {{"h", "help", false}, {"", "version", false}};
  for (const OptionGroup& group : spec.groups) {
    for (const OptionWords& words : group.options) {
      const std::vector<Option> options = options_of(words.words);
      all.insert(all.end(), options.begin(), options.end());
    }
  }
  return all;
}

const Option* find_option(const std::vector<Option>& options, const std::string& dashed) {
  for (const Option& option : options) {
    if (dashed == "--" + option.name || (!option.letter.empty() && dashed == "-" + option.letter))
      return &option;
  }
  return nullptr;
}

Unexpected unknown_option(const CommandLineSpec& spec, const std::vector<Option>& options,
                          const std::string& dashed) {
  for (const RefusedOption& refused : spec.refused) {
    if (dashed == refused.name) {
      return fail(ErrorKind::invalid_input, fmt::format("OctaneRender's {} has no meaning here", dashed),
                  refused.instead);
    }
  }
  const Option* nearest = nullptr;
  std::size_t least = std::string::npos;
  for (const Option& option : options) {
    const std::size_t distance = edit_distance(dashed, "--" + option.name);
    if (distance < least) {
      least = distance;
      nearest = &option;
    }
  }
  const bool near = nearest != nullptr && least <= std::max<std::size_t>(2, dashed.size() / 3);
  return fail(ErrorKind::invalid_input, fmt::format("unknown option {}", dashed),
              near ? fmt::format("did you mean --{}?", nearest->name)
                   : fmt::format("{} --help lists all options", spec.program));
}

bool looks_like_option(const std::string& argument) {
  return argument.size() > 1 && argument[0] == '-' && !parse_number(argument);
}

/// What cxxopts is given: every option in the one form `--name value` or `--name`. Left to itself it would take
/// `-smaples` for `-s maples` and `-s=4` for `-s "=4"`, the option behind a forgotten value for that value, would
/// refuse a line feed behind `=`, and would not tell by its exceptions which option is meant.
struct Normalised {
  std::vector<std::string> options;
  std::vector<std::string> positional;  ///< what is no option, and all behind `--`
};

Result<Normalised> normalise(const CommandLineSpec& spec, const std::vector<Option>& options,
                             const std::vector<std::string>& arguments) {
  Normalised result;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      result.positional.insert(result.positional.end(),
                               arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
      break;
    }
    if (!looks_like_option(argument)) {
      result.positional.push_back(argument);
      continue;
    }
    const std::size_t equals = argument.find('=');
    const std::string dashed = argument.substr(0, equals);
    const Option* option = find_option(options, dashed);
    if (option == nullptr) return unknown_option(spec, options, dashed);
    if (!option->takes_value) {
      if (equals != std::string::npos)
        return fail(ErrorKind::invalid_input, fmt::format("{} takes no value", dashed));
      result.options.push_back("--" + option->name);
      continue;
    }
    std::string value;
    if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
      // "-o --cpu" is a forgotten value, "-o -5" is not
      if (find_option(options, value.substr(0, value.find('='))) != nullptr) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} needs a value, got the option {}", dashed, value));
      }
    }
    if (value.empty()) return fail(ErrorKind::invalid_input, fmt::format("{} needs a value", dashed));
    result.options.push_back("--" + option->name);
    result.options.push_back(std::move(value));
  }
  return result;
}

}  // namespace

Result<CommandLine> CommandLine::parse(const CommandLineSpec& spec,
                                       const std::vector<std::string>& arguments) {
  const std::vector<Option> options = options_of(spec);
  OCT_TRY_ASSIGN(const Normalised normalised, normalise(spec, options, arguments));

  cxxopts::Options parser(spec.program);
  for (const Option& option : options) {
    if (option.takes_value) {
      parser.add_options()(option.name, "", cxxopts::value<std::string>());
    } else {
      parser.add_options()(option.name, "");
    }
  }
  std::vector<const char*> argv = {spec.program.c_str()};
  for (const std::string& option : normalised.options) argv.push_back(option.c_str());
  CommandLine line;
  line.positional_ = normalised.positional;
  try {
    const cxxopts::ParseResult parsed = parser.parse(static_cast<int>(argv.size()), argv.data());
    for (const cxxopts::KeyValue& entry : parsed.arguments())
      line.values_[entry.key()].push_back(entry.value());
  } catch (const std::exception& error) {
    // cxxopts' own exceptions changed their base class between versions
    return fail(ErrorKind::invalid_input, error.what(),
                fmt::format("{} --help lists all options", spec.program));
  }
  return line;
}

std::string help_text(const CommandLineSpec& spec) {
  constexpr std::size_t kColumn = 46;
  std::string text = version_line(spec.program) + "\n";
  for (const std::string& line : spec.usage) text += line + "\n";
  for (const OptionGroup& group : spec.groups) {
    text += fmt::format("\n{}:\n", group.title);
    for (const OptionWords& option : group.options) {
      text += fmt::format("  {:<{}}  {}\n", option.words, kColumn - 4, option.help);
    }
  }
  text += fmt::format("\nAlways:\n  {:<{}}  {}\n  {:<{}}  {}\n", "-h,--help", kColumn - 4, "print this help",
                      "--version", kColumn - 4, "print the version");
  return text;
}

std::string version_line(const std::string& program) {
  return fmt::format("{} {} ({}){}", program, kVersion, version_text(), has_tls() ? "" : " no TLS");
}

}  // namespace oct
