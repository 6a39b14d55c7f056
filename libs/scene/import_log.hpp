#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace oct {

/// What an importer has to say about one file: faults, which refuse it, and warnings. Texts that come from
/// the file are made printable. One thread.
class ImportLog {
 public:
  /// `file_name` stands before every line, without folder. When `strict`, what could be mended is a fault.
  explicit ImportLog(std::string file_name, bool strict = false);

  /// `car.gltf: material "glass": ior must be at least 1, got 0.9`; an empty element is left out.
  void fault(std::string_view element, std::string_view reason);
  /// The same with an error's reason; the first help that comes this way is the help of error().
  void fault(std::string_view element, const Error& reason);
  /// The same text of one element is one warning, with how often it came; that of more than kMostElements is
  /// one that names the first.
  void warn(std::string_view element, std::string_view text);
  /// What was wrong and has been set right, or left out: a warning, or a fault when strict.
  void mend(std::string_view element, std::string_view text);

  /// Adds what another file, which this one names, had to say.
  void take_over(ImportLog& other);

  /// Where what was left out leaves nothing: the warnings so far are faults.
  void turn_warnings_into_faults();

  bool has_faults() const { return fault_count_ > 0; }
  /// More faults need not be looked for: they would only be counted.
  bool is_full() const { return faults_.size() >= kMaxFaults; }
  const std::string& file_name() const { return file_name_; }
  bool is_strict() const { return is_strict_; }

  /// All faults, one a line, as an error of kind invalid_input, or exhausted when one of them is. There must
  /// be one.
  Unexpected error() const;
  std::vector<std::string> take_warnings();

 private:
  static constexpr std::size_t kMaxFaults = 20;
  static constexpr std::size_t kMaxWarnings = 100;
  static constexpr std::size_t kMostElements = 3;
  static constexpr std::size_t kMostKnown =
      10'000;  ///< of a broken file the rest is counted, repeated or not

  /// A text, and which elements it was said of.
  struct Warning {
    std::string file, text;
    std::vector<std::pair<std::string, std::uint64_t>> elements;  ///< the first ones, with how often
    std::set<std::string, std::less<>> known;                     ///< all of them, to kMostKnown
    std::uint64_t others = 0;                                     ///< beyond
  };

  std::string line(std::string_view element, std::string_view text) const;
  void add_warning(const std::string& file, std::string_view element, std::string_view text,
                   std::uint64_t times);
  static void append_lines(const Warning& warning, std::vector<std::string>& lines);

  std::string file_name_;
  bool is_strict_ = false;
  std::vector<std::string> faults_;
  std::vector<Warning> warnings_;
  std::map<std::pair<std::string, std::string>, std::size_t> by_text_;  ///< into warnings_, by file and text
  std::size_t fault_count_ = 0;
  bool exhausted_ = false;
  std::string help_;
  std::size_t dropped_warnings_ = 0;
};

/// A text from a file as it may be shown: valid UTF-8, control characters become '?', about `longest` bytes.
std::string printable(std::string_view text, std::size_t longest = 100);

/// `, got "1,5 2"` of a text that consists of numbers, or of something like them; nothing of any other text.
/// Whatever a file really is, and whoever reads our messages: its words are not told.
std::string got_numbers(std::string_view text);

/// Bytes of the valid UTF-8 sequence (RFC 3629) at the start of a text that is not empty; 0 = it is not
/// valid.
std::size_t utf8_sequence_length(std::string_view text);
bool is_utf8(std::string_view text);

/// `material "glass"`, or `material 3` without a name.
std::string element_name(std::string_view kind, std::size_t index, std::string_view name);

/// `image 4 "wood.png"`, or `image 4`.
std::string numbered_element_name(std::string_view kind, std::size_t index, std::string_view name);

}  // namespace oct
