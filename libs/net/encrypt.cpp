#include "net/encrypt.hpp"

#include "net/preamble_exchange.hpp"

namespace oct {

asio::awaitable<Encrypted> encrypt(asio::io_context& context, std::unique_ptr<Stream> plain, TlsSide side,
                                   FarmRole role, FarmKey key, Instant end) {
  std::unique_ptr<TlsStream> tls = make_tls_stream(std::move(plain), side, role, key.derive(role));
  const Duration left = end - steady_now();
  const auto done = co_await within(context, left, tls->handshake());
  Encrypted encrypted;
  if (done && *done) {
    encrypted.stream = std::move(tls);
    co_return encrypted;
  }
  encrypted.error =
      done ? done->error() : Error{ErrorKind::timed_out, "stopped in the middle of the TLS handshake"};
  std::tie(encrypted.stream, encrypted.last_words) = tls->give_up();
  co_return encrypted;
}

}  // namespace oct
