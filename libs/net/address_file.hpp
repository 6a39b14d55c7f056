#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "net/host_port.hpp"

namespace oct {

/// "HOST PORT" and a line's end: how a file in a shared folder tells slaves where their master listens.
std::string address_file_text(const HostPort& master);

/// What such a text says, whatever blanks are in it. invalid_input, with the reason alone, otherwise.
Result<HostPort> address_of_file_text(std::string_view text);

/// A master's address file, there as long as this object. A value that moves.
class AddressFile {
 public:
  static constexpr std::size_t kMostBytes = 1024;

  /// Makes it, or replaces that of another master, by renaming: nobody reads a half. `output` errors: it cannot be
  /// written, or is not a file that can be removed again (a FIFO, a device).
  static Result<AddressFile> write(const std::string& path, const HostPort& master);

  /// Removes it, unless another master has replaced it by then.
  ~AddressFile();
  AddressFile(AddressFile&& other) noexcept;
  AddressFile& operator=(AddressFile&& other) noexcept;

 private:
  AddressFile(std::filesystem::path place, std::string text)
      : place_(std::move(place)), text_(std::move(text)) {}

  void remove();
  bool is_own(const std::filesystem::path& place) const;

  std::filesystem::path place_;  ///< behind links; empty = there is none
  std::string text_;
};

}  // namespace oct
