#pragma once
#include <optional>

#include "base/instant.hpp"
#include "net/tls_stream.hpp"

// Inside net/ only.

namespace oct {

struct Encrypted {
  std::unique_ptr<Stream> stream;  ///< the encrypted one; after an error the one below it
  std::optional<Error> error;
  Bytes last_words;  ///< after an error, for the other side
};

/// A TLS handshake upon `plain`, until `end`. Errors are those of TlsStream::handshake(), and timed_out.
asio::awaitable<Encrypted> encrypt(asio::io_context& context, std::unique_ptr<Stream> plain, TlsSide side,
                                   FarmRole role, FarmKey key, Instant end);

}  // namespace oct
