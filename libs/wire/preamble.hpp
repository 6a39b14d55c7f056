#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/version.hpp"

// What begins every connection, outside TLS: who asks for which conversation, and an answer of the same
// shape. It never changes, so that any two releases can tell each other why they cannot talk.

namespace oct {

enum class Conversation : std::uint32_t {
  render = 1,
  daemon = 2,
  control = 3,  ///< the person at a daemon's computer; never from another computer
};

/// In a question: how the caller wants to go on. In an answer: how to go on, or why not.
enum class PreambleWord : std::uint32_t {
  plain = 1,
  tls = 2,
  not_activated = 3,  ///< this side serves only its own computer, or the caller has no key
  other_farm = 4,     ///< `farm` is the answering side's
  other_version = 5,  ///< `version` is the answering side's
  other_service = 6,  ///< this port has another conversation
};

/// 64 bytes: magic 8, conversation 4, version 4, word 4, farm 4, reserved 8 (zero), name 32 (UTF-8,
/// zero-padded).
struct Preamble {
  Conversation conversation = Conversation::render;
  std::uint32_t version = kVersion;
  PreambleWord word = PreambleWord::plain;
  std::uint32_t farm =
      0;             ///< first 3 bytes of the farm's public id, shown as 6 hexadecimal digits; 0 = no key
  std::string name;  ///< of the computer, for people; cut to 32 bytes
  friend bool operator==(const Preamble&, const Preamble&) = default;
};
inline constexpr std::size_t kPreambleBytes = 64;
inline constexpr std::size_t kPreambleNameBytes = 32;

std::array<std::byte, kPreambleBytes> encode_preamble(const Preamble& preamble);

/// protocol error that names what the peer spoke instead: HTTP, TLS, SSH, nothing of ours. `bytes` may be
/// shorter than a preamble when the peer sent no more. A newer side may use a conversation or word that we do
/// not know: an error, too.
Result<Preamble> decode_preamble(ByteView bytes);

/// Whether these first bytes, few as they are, can still become a preamble: a browser that waits for an
/// answer need not wait for our deadline.
bool may_be_preamble(ByteView first_bytes);

/// What a server says to a peer whose bytes are no preamble, or empty: a browser gets a short HTTP answer.
std::string answer_to_stranger(ByteView bytes);

}  // namespace oct
