#include "net/tls_stream.hpp"

#include "security/tls_support.hpp"
#include "support/catch.hpp"

// The encryption upon a stream by itself, without preambles and packets.

namespace oct {
namespace {

/// Both ends of a stream over loopback, and what became of their handshakes.
struct Ends {
  asio::io_context context;
  std::unique_ptr<TlsStream> client, server;
  std::optional<Result<void>> client_done, server_done;

  Ends(FarmRole client_role, const FarmKey& client_key, FarmRole server_role, const FarmKey& server_key,
       std::uint64_t rekey_bytes = kTlsRekeyBytes) {
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    tcp::socket from(context), to(context);
    from.connect(acceptor.local_endpoint());
    acceptor.accept(to);
    client = make_tls_stream(make_plain_stream(std::move(from)), TlsSide::client, client_role,
                             client_key.derive(client_role), rekey_bytes);
    server = make_tls_stream(make_plain_stream(std::move(to)), TlsSide::server, server_role,
                             server_key.derive(server_role), rekey_bytes);
    spawn(shake(*client, client_done));
    spawn(shake(*server, server_done));
    context.run_for(std::chrono::seconds(10));
    context.restart();
  }

  void spawn(asio::awaitable<void> work) {
    asio::co_spawn(context, std::move(work), [](std::exception_ptr exception) {
      if (exception) std::rethrow_exception(exception);
    });
  }
  void run() {
    context.run_for(std::chrono::seconds(60));
    context.restart();
  }

  static asio::awaitable<void> shake(TlsStream& stream, std::optional<Result<void>>& done) {
    done = co_await stream.handshake();
    if (*done) co_return;
    auto [below, last_words] = stream.give_up();
    below->write_now(last_words);
    below->close();
  }
};

std::byte byte_at(std::size_t index) {
  return static_cast<std::byte>(index * 2654435761u >> 13);
}

asio::awaitable<void> send_pattern(Stream& stream, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = byte_at(i);
  const IoError error = co_await write_all(stream, bytes);
  CHECK_FALSE(error);
  co_await stream.end_writing();
}

asio::awaitable<void> receive_pattern(Stream& stream, std::size_t& received, bool& right, IoError& end) {
  Bytes space(100'000);
  while (true) {
    const auto [error, count] = co_await stream.read_some(space);
    end = error;
    if (error) co_return;
    for (std::size_t i = 0; i < count; ++i) right = right && space[i] == byte_at(received + i);
    received += count;
  }
}

TEST_CASE("a stream changes its keys under way, both ways at once, and ends each half by itself",
          "[net][tls]") {
  if (!has_tls()) return;
  const FarmKey key = FarmKey::generate();
  Ends ends(FarmRole::peer, key, FarmRole::peer, key, 50'000);
  REQUIRE(ends.client_done);
  REQUIRE(ends.server_done);
  REQUIRE(*ends.client_done);
  REQUIRE(*ends.server_done);
  constexpr std::size_t kToServer = 20'000'000, kToClient = 7'000'000;  // hundreds of changes
  std::size_t at_server = 0, at_client = 0;
  bool server_right = true, client_right = true;
  IoError server_end, client_end;
  ends.spawn(send_pattern(*ends.client, kToServer));
  ends.spawn(receive_pattern(*ends.client, at_client, client_right, client_end));
  ends.spawn(send_pattern(*ends.server, kToClient));
  ends.spawn(receive_pattern(*ends.server, at_server, server_right, server_end));
  ends.run();
  CHECK(at_server == kToServer);
  CHECK(at_client == kToClient);
  CHECK(server_right);
  CHECK(client_right);
  CHECK(server_end == asio::error::eof);
  CHECK(client_end == asio::error::eof);
}

TEST_CASE("a secret of another role, or another key, opens nothing", "[net][tls]") {
  if (!has_tls()) return;
  const FarmKey key = FarmKey::generate();
  const bool other_role = GENERATE(false, true);
  Ends ends(FarmRole::render, key, other_role ? FarmRole::daemon : FarmRole::render,
            other_role ? key : FarmKey::generate());
  REQUIRE(ends.client_done);
  REQUIRE(ends.server_done);
  CHECK_FALSE(*ends.client_done);
  CHECK_FALSE(*ends.server_done);
  if (!other_role) {
    CHECK(ends.client_done->error().kind == ErrorKind::incompatible);
    CHECK(ends.server_done->error().kind == ErrorKind::incompatible);
  }
}

}  // namespace
}  // namespace oct
