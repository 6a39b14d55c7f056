#pragma once
#include <memory>
#include <utility>

#include "base/bytes.hpp"
#include "net/stream.hpp"
#include "security/farm_key.hpp"

// Inside net/ only.

namespace oct {

/// Which end of the handshake this side is.
enum class TlsSide { client, server };

/// What one key encrypts before the next one takes over: far below the 2^24.5 records that RFC 8446 allows
/// for AES-GCM, and a second of work once in minutes.
inline constexpr std::uint64_t kTlsRekeyBytes = std::uint64_t{64} << 30;

/// TLS 1.3 upon another stream, by a secret that both sides have: TLS_AES_128_GCM_SHA256, X25519 (so that
/// a key that leaks later opens nothing recorded earlier), no certificates, tickets, early data or
/// renegotiation. The loop's thread only.
class TlsStream : public Stream {
 public:
  /// First of all, once. incompatible: the other side has another secret; protocol: it does not speak TLS, or
  /// what it said was damaged; unavailable: it went away.
  virtual asio::awaitable<Result<void>> handshake() = 0;

  /// After a failed handshake: the stream below, and the last words (a TLS alert) for the other side.
  virtual std::pair<std::unique_ptr<Stream>, Bytes> give_up() = 0;
};

/// Opens the library, which takes 10 ms, before the first stream needs it. Any thread.
void prepare_tls();

/// Only where has_tls().
std::unique_ptr<TlsStream> make_tls_stream(std::unique_ptr<Stream> below, TlsSide side, FarmRole role,
                                           const FarmKey::Derived& secret,
                                           std::uint64_t rekey_bytes = kTlsRekeyBytes);

}  // namespace oct
