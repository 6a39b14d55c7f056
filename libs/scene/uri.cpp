#include "scene/uri.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>

#include "base/file.hpp"
#include "scene/import_log.hpp"
#include "scene/invalid.hpp"

namespace oct {
namespace {

constexpr std::uint8_t kNotBase64 = 0xff;

/// Value of each character in base64 (RFC 4648, section 4; and section 5, the variant for URLs).
constexpr std::array<std::uint8_t, 256> base64_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotBase64);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  values['-'] = 62;
  values['_'] = 63;
  return values;
}

Result<Bytes> decode_base64(std::string_view text) {
  static constexpr auto kValues = base64_values();
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return invalid("its base64 data is cut off");
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == kNotBase64) return invalid("its data is not base64");
    bits = bits << 6 | value;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes.push_back(static_cast<std::byte>(bits >> bit_count & 0xffu));
    }
  }
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

bool is_absolute(std::string_view name) {
  return name.starts_with('/') || (name.size() >= 2 && name[1] == ':');
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
  if (const std::string_view scheme = scheme_of(uri); !scheme.empty()) {
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

std::string resolve_path(std::string_view folder, std::string_view name) {
  std::string relative(name);
  for (char& c : relative) {
    if (c == '\\') c = '/';
  }
  if (folder.empty() || is_absolute(relative)) return relative;
  const bool slash = folder.ends_with('/') || folder.ends_with('\\');
  return fmt::format("{}{}{}", folder, slash ? "" : "/", relative);
}

Result<Bytes> read_named_file(const std::string& folder, const std::string& name) {
  if (name.empty()) return invalid("its file has no name");
  if (name.find('\0') != std::string::npos) return invalid("its name holds a zero byte");
  if (!is_utf8(name)) return invalid("its file name is not UTF-8");
  const std::string path = resolve_path(folder, name);
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path_from_utf8(path), error);
  if (status.type() == std::filesystem::file_type::not_found) {
    const std::string looked_in = folder_of(path);
    return invalid(
        fmt::format("file not found (looked in {})", looked_in.empty() ? "." : printable(looked_in, 400)));
  }
  if (status.type() != std::filesystem::file_type::regular) {
    return invalid(error ? "cannot be reached" : "is not a file");
  }
  Result<Bytes> bytes = read_file(path);
  if (!bytes)
    return invalid(bytes.error().message.substr(std::min(bytes.error().message.size(), path.size() + 2)));
  if (bytes->empty()) return invalid("is empty");
  return bytes;
}

}  // namespace oct
