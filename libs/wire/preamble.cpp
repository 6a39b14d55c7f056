#include "wire/preamble.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "wire/text.hpp"

namespace oct {
namespace {

/// A byte above 127 first, so that no text protocol begins alike; a line feed last, which text-mode transfers
/// damage.
constexpr std::array<std::uint8_t, 8> kMagic{0x89, 'O', 'C', 'T', 'N', 'E', 'T', '\n'};

struct PreambleBytes {
  std::array<std::uint8_t, 8> magic;
  std::uint32_t conversation, version, word, farm;
  std::uint64_t reserved;
  std::array<char, kPreambleNameBytes> name;
};
static_assert(sizeof(PreambleBytes) == kPreambleBytes && std::is_trivially_copyable_v<PreambleBytes>);

std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_http_request(std::string_view text) {
  for (const char* method :
       {"GET ", "POST ", "HEAD ", "PUT ", "OPTIONS ", "CONNECT ", "DELETE ", "PATCH ", "PRI "})
    if (text.starts_with(method)) return true;
  return false;
}

/// What the bytes of a peer that does not speak our language look like.
std::string describe_stranger(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (text.empty()) return "said nothing";
  if (is_http_request(text))
    return "sent an HTTP request: this port is for octane programs, not for browsers";
  if (text.starts_with("HTTP/")) return "answered as a web server: no octane program listens there";
  if (text.starts_with("SSH-")) return "answered as an SSH server: no octane program listens there";
  if (text.size() >= 3 && text[0] == 0x16 && text[1] == 0x03) return "began with TLS, without our preamble";
  if (may_be_preamble(bytes)) return "ended in the middle of its preamble";
  return fmt::format("sent bytes that are none of ours (\"{}\"...)", clean_text(text.substr(0, 16), 16));
}

}  // namespace

std::array<std::byte, kPreambleBytes> encode_preamble(const Preamble& preamble) {
  PreambleBytes raw{};
  raw.magic = kMagic;
  raw.conversation = static_cast<std::uint32_t>(preamble.conversation);
  raw.version = preamble.version;
  raw.word = static_cast<std::uint32_t>(preamble.word);
  raw.farm = preamble.farm;
  const std::string name = clean_text(preamble.name, kPreambleNameBytes);
  std::copy(name.begin(), name.end(), raw.name.begin());
  std::array<std::byte, kPreambleBytes> bytes{};
  std::memcpy(bytes.data(), &raw, sizeof raw);
  return bytes;
}

Result<Preamble> decode_preamble(ByteView bytes) {
  if (bytes.size() < kPreambleBytes || !may_be_preamble(bytes))
    return fail(ErrorKind::protocol, describe_stranger(bytes));
  PreambleBytes raw;
  std::memcpy(&raw, bytes.data(), sizeof raw);
  if (raw.conversation < 1 || raw.conversation > 3)
    return fail(ErrorKind::protocol,
                fmt::format("asked for conversation {}, which this release does not know", raw.conversation));
  if (raw.word < 1 || raw.word > 6)
    return fail(ErrorKind::protocol, fmt::format("sent word {}, which this release does not know", raw.word));
  const auto name_end = std::find(raw.name.begin(), raw.name.end(), '\0');
  Preamble preamble;
  preamble.conversation = static_cast<Conversation>(raw.conversation);
  preamble.version = raw.version;
  preamble.word = static_cast<PreambleWord>(raw.word);
  preamble.farm = raw.farm;
  preamble.name = clean_text({raw.name.begin(), name_end}, kPreambleNameBytes);
  return preamble;
}

bool may_be_preamble(ByteView first_bytes) {
  const std::size_t count = std::min(first_bytes.size(), kMagic.size());
  return count == 0 || std::memcmp(first_bytes.data(), kMagic.data(), count) == 0;
}

std::string answer_to_stranger(ByteView bytes) {
  if (!is_http_request(as_text(bytes))) return {};
  constexpr std::string_view body = "This port is for octane programs, not for browsers.\n";
  return fmt::format(
      "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}",
      body.size(), body);
}

}  // namespace oct
