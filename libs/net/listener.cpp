#include "net/listener.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/exhaustion.hpp"
#include "net/admission.hpp"
#include "net/connection_impl.hpp"
#include "net/encrypt.hpp"
#include "net/own_address.hpp"
#include "net/preamble_exchange.hpp"

namespace oct {
namespace {

/// How long to wait when the system has no descriptor left for another connection.
constexpr Duration kAcceptPause = milliseconds(100);

Bytes to_bytes(const Preamble& preamble) {
  const auto bytes = encode_preamble(preamble);
  return Bytes(bytes.begin(), bytes.end());
}

/// An acceptor on this endpoint, that no other program shares.
IoError open_on(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  IoError error, ignored;
  acceptor.close(ignored);
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  keep_from_children(acceptor.native_handle());
#if defined(_WIN32)
  // There SO_REUSEADDR would let another program take the port away.
  const int on = 1;
  ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&on),
               sizeof on);
#else
  acceptor.set_option(tcp::acceptor::reuse_address(true), ignored);  // connections of the former run linger
#endif
  if (endpoint.protocol() == tcp::v6()) acceptor.set_option(asio::ip::v6_only(true), ignored);
  acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

/// access_denied is what Windows says of a port held exclusively, or reserved.
bool is_in_use(IoError error) {
  return error == asio::error::address_in_use || error == asio::error::access_denied;
}

Error no_port(const ListenOptions& options, IoError error) {
  const PortRange& ports = options.ports;
  const std::string where = Endpoint{options.address, ports.first}.text();
  if (is_out_of_files(error)) return out_of_files(fmt::format("cannot listen on {}", where));
  const std::string range =
      ports.count > 1 ? fmt::format("ports {}-{} are all", ports.first, ports.first + ports.count - 1)
                      : fmt::format("port {} is", ports.first);
  const bool daemon = options.answer.conversation == Conversation::daemon;
  if (is_in_use(error) && daemon)
    return {
        ErrorKind::unavailable, fmt::format("{} in use by another program (maybe another daemon)", range),
        fmt::format("octane_daemon --status --port {} tells whether it is one; --port N takes another port",
                    ports.first)};
  if (is_in_use(error))
    return {ErrorKind::unavailable, fmt::format("{} in use by another program (maybe another master)", range),
            ports.count > 1 ? ""
                            : fmt::format("--net-master-port 0 takes the first free port of {}-{}",
                                          kMasterPort, kMasterPort + kAutomaticPorts - 1)};
  return cannot_use_address(fmt::format("listen on {}", where), options.address, error);
}

}  // namespace

class Listener::Impl : public std::enable_shared_from_this<Listener::Impl> {
 public:
  Impl(asio::io_context& context, ListenOptions options, OnConnection on_connection, OnRefused on_refused)
      : context_(context),
        options_(std::move(options)),
        on_connection_(std::move(on_connection)),
        on_refused_(std::move(on_refused)),
        acceptor_(context) {}

  Result<void> open() {
    IoError error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error) return fail(no_port(options_, error));
    for (unsigned i = 0; i < options_.ports.count; ++i) {
      error =
          open_on(acceptor_, tcp::endpoint(address, static_cast<std::uint16_t>(options_.ports.first + i)));
      if (!error) break;
      if (!is_in_use(error)) return fail(no_port(options_, error));
    }
    if (error) return fail(no_port(options_, error));
    port = acceptor_.local_endpoint().port();
    spawn(accept());
    return {};
  }

  void close() {
    open_ = false;
    IoError ignored;
    acceptor_.close(ignored);
  }

  std::uint16_t port = 0;

 private:
  void spawn(asio::awaitable<void> work) {
    asio::co_spawn(context_, std::move(work), [self = shared_from_this()](std::exception_ptr exception) {
      if (exception) std::rethrow_exception(exception);  // an owner's call threw: out of EventLoop::run
    });
  }

  asio::awaitable<void> accept() {
    asio::steady_timer pause(context_);
    while (open_) {
      auto [error, socket] = co_await acceptor_.async_accept(kAsValue);
      if (!open_) co_return;
      if (error) {
        if (is_out_of_files(error) && !std::exchange(said_out_of_files_, true))
          refuse({}, out_of_files("no more connections can be accepted now"));
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(kAsValue);
        continue;
      }
      admit(std::move(socket));
    }
  }

  void admit(tcp::socket socket) {
    IoError error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;  // gone already
    const Endpoint peer = endpoint_of(remote);
    if (*strangers_ >= kMaxPendingConnections)
      return refuse(peer, {ErrorKind::exhausted, "too many connections that have not said who they are"});
    set_up(socket);
    spawn(greet(make_plain_stream(std::move(socket)), peer, std::make_unique<StrangerSlot>(strangers_)));
  }

  asio::awaitable<void> greet(std::unique_ptr<Stream> stream, Endpoint peer,
                              std::unique_ptr<StrangerSlot> slot) {
    const Duration handshake = options_.deadlines.handshake;
    const Instant handshake_end = steady_now() + handshake;
    const auto first_bytes = co_await within(context_, handshake, read_first_bytes(*stream));
    if (!first_bytes) co_return refuse(peer, {ErrorKind::timed_out, "said nothing within the deadline"});
    auto preamble = decode_preamble(*first_bytes);
    if (!preamble) {
      refuse(peer, preamble.error());
      const std::string text = answer_to_stranger(*first_bytes);
      const ByteView words = std::as_bytes(std::span(text));
      co_return co_await say_and_close(context_, *stream, Bytes(words.begin(), words.end()),
                                       options_.deadlines.linger);
    }
    const Admission admission =
        judge_caller(access_for(*preamble), us_for(*preamble), *preamble, peer.address);
    const PreambleWord word = admission.answer.word;
    const Bytes words = to_bytes(admission.answer);
    if (admission.refusal) {
      refuse(peer, *admission.refusal, *preamble, word);
      co_return co_await say_and_close(context_, *stream, words, options_.deadlines.linger);
    }
    const auto write_error = co_await within(context_, handshake, write_all(*stream, words));
    if (!write_error || *write_error || !open_) co_return;
    if (word == PreambleWord::tls) {
      stream = co_await encrypted(std::move(stream), peer, *preamble, handshake_end);
      if (!stream || !open_) co_return;
    }
    on_connection_(make_connection(context_, std::move(stream), peer, *preamble, handshake_end,
                                   options_.deadlines.linger, std::move(slot)));
  }

  /// Our side of the conversation that the caller wants, if we have it.
  Preamble us_for(const Preamble& caller) const {
    Preamble us = options_.answer;
    const auto& more = options_.more;
    if (std::find(more.begin(), more.end(), caller.conversation) != more.end())
      us.conversation = caller.conversation;
    return us;
  }

  /// Who sits at this computer needs no key, and nobody else gets anywhere without: access to loopback alone.
  NetworkAccess access_for(const Preamble& caller) const {
    return caller.conversation == Conversation::control ? NetworkAccess{} : options_.access;
  }

  /// The stream upon which all goes on, or nothing: then the caller was refused.
  asio::awaitable<std::unique_ptr<Stream>> encrypted(std::unique_ptr<Stream> plain, Endpoint peer,
                                                     Preamble caller, Instant end) {
    const FarmRole role = farm_role_of(caller.conversation);
    Encrypted outcome =
        co_await encrypt(context_, std::move(plain), TlsSide::server, role, *options_.access.key, end);
    if (!outcome.error) co_return std::move(outcome.stream);
    const bool other_key = outcome.error->kind == ErrorKind::incompatible;
    refuse(peer, other_key ? other_key_of_farm(caller.farm, "it") : *outcome.error, caller,
           PreambleWord::tls);
    co_await say_and_close(context_, *outcome.stream, outcome.last_words, options_.deadlines.linger);
    co_return nullptr;
  }

  void refuse(const Endpoint& peer, Error error, Preamble preamble = {}, PreambleWord word = {}) const {
    if (open_) on_refused_({peer, std::move(preamble), word, std::move(error)});
  }

  asio::io_context& context_;
  const ListenOptions options_;
  const OnConnection on_connection_;
  const OnRefused on_refused_;
  tcp::acceptor acceptor_;
  const std::shared_ptr<std::size_t> strangers_ = std::make_shared<std::size_t>(0);
  bool open_ = true;
  bool said_out_of_files_ = false;
};

Result<std::unique_ptr<Listener>> Listener::open(EventLoop& loop, ListenOptions options,
                                                 OnConnection on_connection, OnRefused on_refused) {
  if (options.access.key) prepare_tls();
  auto impl = std::make_shared<Impl>(loop.context(), std::move(options), std::move(on_connection),
                                     std::move(on_refused));
  OCT_TRY(impl->open());
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Listener::Listener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() {
  impl_->close();
}
std::uint16_t Listener::port() const {
  return impl_->port;
}

}  // namespace oct
