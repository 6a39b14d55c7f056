#include "net/address_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "base/escaped.hpp"
#include "base/file.hpp"
#include "base/output_target.hpp"
#include "base/plain_file.hpp"
#include "base/temporary_file.hpp"
#include "net/address.hpp"
#include "wire/limits.hpp"
#include "wire/text.hpp"

namespace oct {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBlanks = " \t\r\n";

/// The next word, taken away from `text`; empty at its end.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::string> host_of(std::string_view word) {
  constexpr std::uint16_t kNone = 0;  // no text says so
  auto read = host_port_from_text(word, kNone);
  if (!read || read->port != kNone || !is_clean_text(word)) return std::nullopt;
  if (is_ipv6(read->host) && !numeric_address(read->host)) return std::nullopt;
  return std::move(read->host);
}

std::optional<std::uint16_t> port_of(std::string_view word) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), port);
  if (error != std::errc() || end != word.data() + word.size() || port < kMinPort) return std::nullopt;
  return port;
}

}  // namespace

std::string address_file_text(const HostPort& master) {
  return fmt::format("{} {}\n", master.host, master.port);
}

Result<HostPort> address_of_file_text(std::string_view text) {
  std::string_view rest = text;
  const auto host = host_of(take_word(rest));
  const auto port = port_of(take_word(rest));
  if (!host || !port || !take_word(rest).empty())
    return fail(ErrorKind::invalid_input, "is not an address and a port, such as \"10.0.0.103 21000\"");
  return HostPort{*host, *port};
}

Result<AddressFile> AddressFile::write(const std::string& path, const HostPort& master) {
  OCT_TRY_ASSIGN(OutputTarget target, find_output_target(path));
  if (target.kind != OutputTarget::Kind::file)
    return fail(
        ErrorKind::output,
        fmt::format("{}: the address of this master is removed again, and this is not a file", escaped(path)),
        "--net-address-file FILE in a folder that the slaves can read");
  std::error_code error;
  const fs::path place = fs::absolute(target.path, error);
  const std::string text = address_file_text(master);
  OCT_TRY(write_file_by_renaming(path, std::as_bytes(std::span(text))));
  return AddressFile(error ? target.path : place, text);
}

AddressFile::~AddressFile() {
  remove();
}

AddressFile::AddressFile(AddressFile&& other) noexcept
    : place_(std::exchange(other.place_, {})), text_(std::move(other.text_)) {}

AddressFile& AddressFile::operator=(AddressFile&& other) noexcept {
  if (this == &other) return *this;
  remove();
  place_ = std::exchange(other.place_, {});
  text_ = std::move(other.text_);
  return *this;
}

bool AddressFile::is_own(const fs::path& place) const {
  const auto content = read_plain_file(place, kMostBytes);
  return content &&
         std::string_view(reinterpret_cast<const char*>(content->data()), content->size()) == text_;
}

/// Another master may replace the file between our look and our removing it: so it is moved away first, and looked at
/// there, where nobody else touches it.
void AddressFile::remove() {
  const fs::path place = std::exchange(place_, {});
  if (place.empty() || !is_own(place)) return;
  TemporaryFile aside = make_temporary_file(place.parent_path(), FileReaders::as_usual);
  std::error_code error;
  if (!aside.file) return void(fs::remove(place, error));  // a full disk
  aside.file.reset();
  fs::rename(place, aside.path, error);
  if (!error && !is_own(aside.path)) {
    // it goes back, unless there is a newer one by now
    fs::create_hard_link(aside.path, place, error);
    if (error && !fs::exists(place, error)) fs::rename(aside.path, place, error);
  }
  fs::remove(aside.path, error);
}

}  // namespace oct
