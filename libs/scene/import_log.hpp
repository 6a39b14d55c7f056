#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace oct {

/// What an importer has to say about one file: faults, which refuse it, and warnings. Texts that come from
/// the file are made printable. One thread.
class ImportLog {
 public:
  /// `file_name` stands before every line, without folder.
  explicit ImportLog(std::string file_name);

  /// `car.gltf: material "glass": ior must be at least 1, got 0.9`; an empty element is left out.
  void fault(std::string_view element, std::string_view reason);
  /// The same with an error's reason; the first help that comes this way is the help of error().
  void fault(std::string_view element, const Error& reason);
  /// The same text twice is one warning.
  void warn(std::string_view element, std::string_view text);

  /// Adds what another file, which this one names, had to say.
  void take_over(ImportLog& other);

  bool has_faults() const { return fault_count_ > 0; }
  /// More faults need not be looked for: they would only be counted.
  bool is_full() const { return faults_.size() >= kMaxFaults; }
  const std::string& file_name() const { return file_name_; }

  /// All faults, one a line, as an error of kind invalid_input, or exhausted when one of them is. There must
  /// be one.
  Unexpected error() const;
  std::vector<std::string> take_warnings();

 private:
  static constexpr std::size_t kMaxFaults = 20;
  static constexpr std::size_t kMaxWarnings = 100;

  std::string line(std::string_view element, std::string_view text) const;

  std::string file_name_;
  std::vector<std::string> faults_;
  std::vector<std::string> warnings_;
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
