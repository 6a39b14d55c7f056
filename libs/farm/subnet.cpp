#include "farm/subnet.hpp"

#include <fmt/format.h>

#include <charconv>

namespace oct {
namespace {

/// A number of at most `most`, at the text's begin, which it is removed from.
std::optional<unsigned> take_number(std::string_view& text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > most) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

Ipv4 mask_of(unsigned prefix_length) {
  return prefix_length == 0 ? 0 : ~Ipv4{0} << (32 - prefix_length);
}

}  // namespace

std::optional<Ipv4> ipv4_from_text(std::string_view text) {
  Ipv4 address = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (text.empty() || text.front() != '.') return std::nullopt;
      text.remove_prefix(1);
    }
    const auto number = take_number(text, 255);
    if (!number) return std::nullopt;
    address = address << 8 | *number;
  }
  return text.empty() ? std::optional<Ipv4>(address) : std::nullopt;
}

std::string ipv4_text(Ipv4 address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

std::uint64_t Subnet::host_count() const {
  const std::uint64_t all = std::uint64_t{1} << (32 - prefix_length);
  return prefix_length >= 31 ? all : all - 2;
}

Ipv4 Subnet::host(std::uint64_t index) const {
  return network + static_cast<Ipv4>(index) + (prefix_length >= 31 ? 0 : 1);
}

bool Subnet::contains(Ipv4 address) const {
  return (address & mask_of(prefix_length)) == network;
}

std::string Subnet::text() const {
  return fmt::format("{}/{}", ipv4_text(network), prefix_length);
}

Subnet subnet_of(Ipv4 address, unsigned prefix_length) {
  return {address & mask_of(prefix_length), prefix_length};
}

Result<Subnet> subnet_from_text(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = ipv4_from_text(text.substr(0, slash));
  std::optional<unsigned> prefix_length = 32;
  if (slash != std::string_view::npos) {
    std::string_view rest = text.substr(slash + 1);
    prefix_length = take_number(rest, 32);
    if (!rest.empty()) prefix_length.reset();
  }
  if (!address || !prefix_length)
    return fail(ErrorKind::invalid_input, fmt::format("{}: is not a subnet such as 10.0.0.0/24", text));
  return subnet_of(*address, *prefix_length);
}

}  // namespace oct
