#include "scene/uri.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "scene/import_log.hpp"
#include "scene/invalid.hpp"

namespace oct {
namespace {

constexpr std::uint8_t kNotBase64 = 0xff;
constexpr std::uint8_t kBlank = 0xfe;  ///< writers break long lines

/// Value of each character in base64 (RFC 4648, section 4; and section 5, the variant for URLs).
constexpr std::array<std::uint8_t, 256> base64_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotBase64);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  for (const char blank : {' ', '\t', '\r', '\n'}) values[static_cast<unsigned char>(blank)] = kBlank;
  values['-'] = 62;
  values['_'] = 63;
  return values;
}

Result<Bytes> decode_base64(std::string_view text) {
  static constexpr auto kValues = base64_values();
  const auto is_end = [](char c) { return c == '=' || kValues[static_cast<unsigned char>(c)] == kBlank; };
  while (!text.empty() && is_end(text.back())) text.remove_suffix(1);
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == kBlank) continue;
    if (value == kNotBase64) return invalid("its data is not base64");
    bits = bits << 6 | value;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes.push_back(static_cast<std::byte>(bits >> bit_count & 0xffu));
    }
  }
  if (bit_count == 6) return invalid("its base64 data is cut off");
  return bytes;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// "http" of "http://host/wood.png"; a drive letter such as "C:" is no scheme.
std::string_view scheme_of(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon < 2) return {};
  const std::string_view scheme = uri.substr(0, colon);
  for (const char c : scheme) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    if (!letter && !other) return {};
  }
  return scheme;
}

/// What follows "file:" (RFC 8089): "/home/a.png" of "///home/a.png", "C:/a.png" of "///C:/a.png"; with a
/// host, "//host/a.png", it stays the name of another computer's file.
std::string_view file_of_address(std::string_view rest) {
  if (rest.starts_with("//localhost/")) rest.remove_prefix(11);
  if (rest.starts_with("///")) rest.remove_prefix(2);
  const bool has_drive = rest.size() >= 3 && rest[0] == '/' && rest[2] == ':';
  return has_drive ? rest.substr(1) : rest;
}

}  // namespace

bool is_data_uri(std::string_view uri) {
  return uri.starts_with("data:");
}

Result<Bytes> decode_data_uri(std::string_view uri) {
  const std::size_t comma = uri.find(',');
  if (!is_data_uri(uri) || comma == std::string_view::npos) return invalid("its data URI has no data");
  if (!uri.substr(0, comma).ends_with(";base64")) return invalid("its data URI is not base64");
  return decode_base64(uri.substr(comma + 1));
}

Result<std::string> decode_uri(std::string_view uri) {
  const std::string_view scheme = scheme_of(uri);
  if (scheme == "file" || scheme == "FILE") {
    uri = file_of_address(uri.substr(scheme.size() + 1));
  } else if (!scheme.empty()) {
    return invalid(fmt::format("{}: addresses are not followed, only files beside the scene are read",
                               printable(scheme)));
  }
  std::string name;
  name.reserve(uri.size());
  for (std::size_t i = 0; i < uri.size(); ++i) {
    const bool escape =
        uri[i] == '%' && i + 2 < uri.size() && hex_digit(uri[i + 1]) >= 0 && hex_digit(uri[i + 2]) >= 0;
    name += escape ? static_cast<char>(hex_digit(uri[i + 1]) * 16 + hex_digit(uri[i + 2])) : uri[i];
    if (escape) i += 2;
  }
  if (name.find('\0') != std::string::npos) return invalid("its name holds a zero byte");
  return name;
}

}  // namespace oct
