#include "net/host_port.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace oct {
namespace {

struct HostAndPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

/// "[fe80::1]:48010" or "[fe80::1]"; nothing for anything else.
std::optional<HostAndPort> cut_brackets(std::string_view text) {
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  const HostAndPort inside{text.substr(1, close - 1), std::nullopt};
  const std::string_view rest = text.substr(close + 1);
  if (rest.empty()) return inside;
  if (rest.front() != ':') return std::nullopt;
  return HostAndPort{inside.host, rest.substr(1)};
}

/// Where there is more than one colon, all belong to an IPv6 address.
std::optional<HostAndPort> cut_host_and_port(std::string_view text) {
  if (!text.empty() && text.front() == '[') return cut_brackets(text);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
    return HostAndPort{text, std::nullopt};
  return HostAndPort{text.substr(0, colon), text.substr(colon + 1)};
}

std::optional<std::uint16_t> port_from_text(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0 || number > 65535)
    return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

bool may_be_host(std::string_view host) {
  return !host.empty() && host.find_first_of(" \t/,[]") == std::string_view::npos && host.size() <= 253;
}

}  // namespace

std::string HostPort::text() const {
  return fmt::format("{}:{}", bracketed(host), port);
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
}

Result<HostPort> host_port_from_text(std::string_view text, std::uint16_t default_port) {
  const auto parts = cut_host_and_port(text);
  const auto port =
      parts && parts->port ? port_from_text(*parts->port) : std::optional<std::uint16_t>(default_port);
  if (!parts || !port || !may_be_host(parts->host))
    return fail(
        ErrorKind::invalid_input,
        fmt::format("{}: is not an address such as 10.0.0.11, RENDER1, RENDER1:48010 or [fe80::1]:48010",
                    text));
  return HostPort{std::string(parts->host), *port};
}

}  // namespace oct
