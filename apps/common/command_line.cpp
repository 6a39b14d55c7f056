#include "common/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cxxopts.hpp>
#include <sstream>

#include "common/build_report.hpp"

namespace oct {
namespace {

/// One option, as the words of a help line describe it.
struct Option {
  std::string letter;  ///< "s" or empty
  std::string name;    ///< "samples"
  bool takes_value = false;
  std::string line;  ///< of --help
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

std::vector<Option> options_of(const OptionWords& words) {
  std::istringstream stream(words.words);
  std::string names, value;
  stream >> names >> value;
  Option option;
  option.line = fmt::format("{}   {}", words.words, words.help);
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
  std::vector<Option> all = {{"h", "help", false, "--help   print all options"},
                             {"", "version", false, "--version   print the version"}};
  for (const OptionGroup& group : spec.groups) {
    for (const OptionWords& words : group.options) {
      const std::vector<Option> options = options_of(words);
      all.insert(all.end(), options.begin(), options.end());
    }
  }
  return all;
}

const Option* find_option(const std::vector<Option>& options, std::string_view dashed) {
  for (const Option& option : options) {
    if (dashed == "--" + option.name || (!option.letter.empty() && dashed == "-" + option.letter))
      return &option;
  }
  return nullptr;
}

std::string_view without_value(std::string_view argument) {
  return argument.substr(0, argument.find('='));
}

std::string all_options(const std::string& program) {
  return fmt::format("{} --help lists all options", program);
}

Unexpected unknown_option(const CommandLineSpec& spec, const std::vector<Option>& options,
                          const std::string& dashed) {
  for (const RefusedOption& refused : spec.refused) {
    if (dashed == refused.name) {
      return fail(ErrorKind::invalid_input, fmt::format("OctaneRender's {} has no meaning here", dashed),
                  refused.instead);
    }
  }
  std::vector<std::string> names;
  for (const Option& option : options) names.push_back("--" + option.name);
  const auto near = nearest(dashed, names);
  return fail(ErrorKind::invalid_input, fmt::format("unknown option {}", dashed),
              near ? fmt::format("did you mean {}?", *near) : all_options(spec.program));
}

/// Whether "-smaples" is "--samples" with a dash forgotten rather than -s with a value.
bool is_name_behind_one_dash(const std::vector<Option>& options, const std::string& argument) {
  if (argument.size() < 4 || std::isalpha(static_cast<unsigned char>(argument[2])) == 0) return false;
  return std::any_of(options.begin(), options.end(), [&](const Option& option) {
    return edit_distance("-" + argument, "--" + option.name) <= 2;
  });
}

/// "-s64" and "-s=64" as "-s", "64"; anything else as it is.
Result<std::vector<std::string>> separated(const CommandLineSpec& spec, const std::vector<Option>& options,
                                           const std::string& argument) {
  const bool is_long = argument.starts_with("--") || argument.size() < 3 || argument[0] != '-';
  if (is_long) return std::vector<std::string>{argument};
  const std::string dashed = argument.substr(0, 2);
  const Option* option = find_option(options, dashed);
  const bool is_value =
      option != nullptr && (argument[2] == '=' || !is_name_behind_one_dash(options, argument));
  if (!is_value) return unknown_option(spec, options, std::string(without_value(argument)));
  if (!option->takes_value)
    return fail(ErrorKind::invalid_input, fmt::format("{} takes no value", dashed), option->line);
  return std::vector<std::string>{dashed, argument.substr(argument[2] == '=' ? 3 : 2)};
}

/// What a user typed, made ready for cxxopts.
struct Arguments {
  std::vector<std::string> parsed;
  std::vector<std::string> rest;  ///< behind "--": no options
};

/// cxxopts takes the option behind a forgotten value for that value, "maples" for the value in "-smaples" and each letter
/// of "-quiet" for an option; it knows neither "-s=4" nor "-o/tmp/x.png".
Result<Arguments> prepared(const CommandLineSpec& spec, const std::vector<Option>& options,
                           const std::vector<std::string>& arguments) {
  Arguments result;
  const Option* open = nullptr;  // its value comes next
  for (auto argument = arguments.begin(); argument != arguments.end(); ++argument) {
    if (open != nullptr) {
      // "-o --cpu" is a forgotten value, "-o -5" is not
      if (find_option(options, without_value(*argument)) != nullptr) {
        return fail(ErrorKind::invalid_input,
                    fmt::format("{} needs a value, got the option {}", result.parsed.back(), *argument),
                    open->line);
      }
      result.parsed.push_back(*argument);
      open = nullptr;
      continue;
    }
    if (*argument == "--") {
      result.rest.assign(argument + 1, arguments.end());
      break;
    }
    OCT_TRY_ASSIGN(const std::vector<std::string> parts, separated(spec, options, *argument));
    result.parsed.insert(result.parsed.end(), parts.begin(), parts.end());
    const Option* option = parts.size() == 1 ? find_option(options, *argument) : nullptr;
    if (option != nullptr && option->takes_value) open = option;
  }
  if (open != nullptr)
    return fail(ErrorKind::invalid_input, fmt::format("{} needs a value", result.parsed.back()), open->line);
  return result;
}

cxxopts::ParseResult parse_with_cxxopts(const std::string& program, const std::vector<Option>& options,
                                        const std::vector<std::string>& arguments) {
  cxxopts::Options parser(program);
  parser.allow_unrecognised_options();  // they are named by us
  for (const Option& option : options) {
    const std::string names = option.letter.empty() ? option.name : option.letter + "," + option.name;
    const auto value = cxxopts::value<std::string>();
    parser.add_options()(names, "", option.takes_value ? value : value->implicit_value(""));
  }
  std::vector<const char*> argv = {program.c_str()};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return parser.parse(static_cast<int>(argv.size()), argv.data());
}

}  // namespace

Result<CommandLine> CommandLine::parse(const CommandLineSpec& spec,
                                       const std::vector<std::string>& arguments) {
  const std::vector<Option> options = options_of(spec);
  OCT_TRY_ASSIGN(const Arguments typed, prepared(spec, options, arguments));
  const cxxopts::ParseResult parsed = parse_with_cxxopts(spec.program, options, typed.parsed);
  CommandLine line;
  for (const std::string& other : parsed.unmatched()) {
    if (other.size() > 1 && other[0] == '-')
      return unknown_option(spec, options, std::string(without_value(other)));
    line.positional_.push_back(other);
  }
  line.positional_.insert(line.positional_.end(), typed.rest.begin(), typed.rest.end());
  for (const Option& option : options) line.help_[option.name] = option.line;
  for (const cxxopts::KeyValue& entry : parsed.arguments()) {
    const Option& option = *find_option(options, "--" + entry.key());
    if (entry.value().empty() == option.takes_value) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("--{} {} value", option.name, option.takes_value ? "needs a" : "takes no"),
                  option.line);
    }
    line.values_[option.name].push_back(entry.value());
  }
  return line;
}

Error with_help(Error error, const std::string& program) {
  if (error.help.empty()) error.help = all_options(program);
  return error;
}

std::vector<std::string> option_names(const CommandLineSpec& spec) {
  std::vector<std::string> names;
  for (const Option& option : options_of(spec)) names.push_back(option.name);
  return names;
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
                      "--version [--json]", kColumn - 4,
                      "print the version; as JSON with commit, build options and libraries");
  return text;
}

}  // namespace oct
