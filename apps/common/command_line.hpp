#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace oct {

/// One line of --help, and with it one option, or several with {a,b} in their name:
/// "-s,--samples N (256)", "--cam-pos-{x,y,z} F", "--cpu". A word after the names means that it takes a
/// value.
struct OptionWords {
  const char* words;
  const char* help;
};
struct OptionGroup {
  const char* title;  ///< "Output"
  std::vector<OptionWords> options;
};

/// An option of OctaneRender that has no meaning here: refused by name, with what to use instead.
struct RefusedOption {
  const char* name;  ///< "-t" or "--script"
  const char* instead;
};

/// What a program accepts.
struct CommandLineSpec {
  std::string program;
  std::vector<std::string> usage;  ///< lines for --help
  std::vector<OptionGroup> groups;
  std::vector<RefusedOption> refused = {};
};

/// What a user typed, checked for names but not for values.
class CommandLine {
 public:
  /// invalid_input for unknown options (with the nearest name), refused ones, values that are missing or too
  /// many.
  /// `--opt value` and `--opt=value` are the same, and so are `-o value`, `-ovalue` and `-o=value`; a value may begin with
  /// a minus; what follows `--` is not an option.
  static Result<CommandLine> parse(const CommandLineSpec& spec, const std::vector<std::string>& arguments);

  bool has(std::string_view name) const { return values_.find(name) != values_.end(); }
  /// The last value given.
  std::optional<std::string> text(std::string_view name) const;
  /// All values given, split at commas.
  std::vector<std::string> list(std::string_view name) const;
  /// The value as a number within [least, most]; nothing when the option was not given.
  Result<std::optional<std::uint64_t>> whole(std::string_view name, std::uint64_t least,
                                             std::uint64_t most) const;
  Result<std::optional<double>> number(std::string_view name, double least, double most) const;
  /// The place of the value in `choices`.
  Result<std::optional<std::size_t>> choice(std::string_view name,
                                            const std::vector<std::string>& choices) const;

  const std::vector<std::string>& positional() const { return positional_; }

  /// All options that were given, by long name without dashes, with their values; of one that takes none "".
  const std::map<std::string, std::vector<std::string>, std::less<>>& given() const { return values_; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;  ///< by long name without dashes
  std::map<std::string, std::string, std::less<>> help_;                 ///< the line of --help, likewise
  std::vector<std::string> positional_;
};

/// Long names of all options, without dashes.
std::vector<std::string> option_names(const CommandLineSpec& spec);

/// The text of --help.
std::string help_text(const CommandLineSpec& spec);

/// Whole number or finite decimal, nothing else around it.
std::optional<std::uint64_t> parse_whole(std::string_view text);
std::optional<double> parse_number(std::string_view text);

/// The word that was meant, if one is near.
std::optional<std::string> nearest(std::string_view typed, const std::vector<std::string>& words);

/// Every refusal of a command line says what would help: where the error does not, that is --help.
Error with_help(Error error, const std::string& program);

/// Number of single letters to insert, delete, replace or swap with their neighbour to make b of a.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace oct
