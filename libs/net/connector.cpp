#include "net/connector.hpp"

#include <fmt/format.h>

#include "base/escaped.hpp"
#include "net/admission.hpp"
#include "net/connection_impl.hpp"
#include "net/encrypt.hpp"
#include "net/preamble_exchange.hpp"

namespace oct {
namespace {

using Endpoints = std::vector<tcp::endpoint>;

struct Connected {
  std::unique_ptr<Stream> stream;
  Endpoint peer;
};

Error unknown_name(const std::string& name) {
  return {
      ErrorKind::unavailable, fmt::format("no computer is known by the name {}", escaped(name)),
      "is it spelled right? an address works without a name: ipconfig (Linux: ip address) shows it there"};
}

/// Whether anybody is called so is not known.
Error not_looked_up(const std::string& name) {
  return {ErrorKind::timed_out,
          fmt::format("the name {} could not be looked up: no name server answers", escaped(name)),
          "an address works without a name; or check this computer's network and name server (DNS)"};
}

Error look_up_failure(const IoError& error, const std::string& name) {
  if (error == asio::error::host_not_found || error == asio::error::no_data) return unknown_name(name);
  if (error == asio::error::host_not_found_try_again) return not_looked_up(name);
  return error_of(error, name);
}

class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  using OnConnected = std::function<void(std::unique_ptr<Connection>)>;
  using OnFailed = std::function<void(const ConnectFailure&)>;

  Attempt(asio::io_context& context, ConnectOptions options, OnConnected on_connected, OnFailed on_failed)
      : context_(context),
        options_(std::move(options)),
        question_(question_of(options_.question, options_.access)),
        on_connected_(std::move(on_connected)),
        on_failed_(std::move(on_failed)) {}

  void start() {
    asio::co_spawn(context_, run(),
                   asio::bind_cancellation_slot(cancel_.slot(),
                                                [self = shared_from_this()](std::exception_ptr exception) {
                                                  if (exception && !self->cancelled_)
                                                    std::rethrow_exception(exception);
                                                }));
  }

  void cancel() {
    cancelled_ = true;
    cancel_.emit(asio::cancellation_type::terminal);
  }

 private:
  asio::awaitable<void> run() {
    auto outcome = co_await attempt();
    if (cancelled_) co_return;
    if (outcome) co_return on_connected_(std::move(outcome));
    on_failed_(failure_);
  }

  /// The connection, or nothing and failure_.
  asio::awaitable<std::unique_ptr<Connection>> attempt() {
    const Deadlines& deadlines = options_.deadlines;
    auto connected = co_await within(context_, deadlines.connect, reach());
    if (!connected)
      failure_.error = looking_up_ ? not_looked_up(options_.host)
                                   : Error{ErrorKind::timed_out, fmt::format("{}: no answer", server_text())};
    if (!connected || !connected->stream) co_return nullptr;
    const Instant handshake_end = steady_now() + deadlines.handshake;
    auto answer = co_await within(context_, deadlines.handshake, exchange(*connected->stream));
    if (!answer)
      failure_.error = {ErrorKind::timed_out,
                        fmt::format("{}: connected, but it says nothing", server_text())};
    if (!answer || !judge(*answer)) co_return nullptr;
    if (options_.access.key) {
      connected->stream = co_await encrypted(std::move(connected->stream), handshake_end);
      if (!connected->stream) co_return nullptr;
    }
    co_return make_connection(context_, std::move(connected->stream), connected->peer,
                              *decode_preamble(*answer), handshake_end, deadlines.linger, nullptr);
  }

  /// An address of the other kind is not reached from the one that was chosen.
  bool has_source_for(const tcp::endpoint& endpoint) {
    if (options_.source.empty() || is_ipv6(options_.source) == (endpoint.protocol() == tcp::v6()))
      return true;
    failure_.error = {ErrorKind::unavailable,
                      fmt::format("{}: is not reached from {}, an address of the other kind (IPv4, IPv6)",
                                  server_text(), options_.source)};
    return false;
  }

  IoError bind_to_source(tcp::socket& socket) const {
    IoError error;
    if (options_.source.empty()) return error;
    const auto address = asio::ip::make_address(options_.source, error);
    if (!error) socket.bind(tcp::endpoint(address, 0), error);
    return error;
  }

  /// A stream to the first address that takes it; without one, failure_ tells of the last.
  asio::awaitable<Connected> reach() {
    const Endpoints endpoints = co_await look_up();
    for (const tcp::endpoint& endpoint : allowed(endpoints)) {
      tcp::socket socket(context_);
      IoError error;
      if (!has_source_for(endpoint)) continue;
      socket.open(endpoint.protocol(), error);
      if (!error) error = bind_to_source(socket);
      if (!error) {
        set_up(socket);
        std::tie(error) = co_await socket.async_connect(endpoint, kAsValue);
      }
      if (!error) co_return Connected{make_plain_stream(std::move(socket)), endpoint_of(endpoint)};
      failure_.error = error_of(error, server_text());
    }
    co_return Connected{};
  }

  asio::awaitable<Endpoints> look_up() {
    IoError error;
    const auto address = asio::ip::make_address(options_.host, error);
    if (!error) co_return Endpoints{tcp::endpoint(address, options_.port)};
    tcp::resolver resolver(context_);
    looking_up_ = true;
    auto [look_up_error, found] =
        co_await resolver.async_resolve(options_.host, std::to_string(options_.port), kAsValue);
    looking_up_ = false;
    if (look_up_error) failure_.error = look_up_failure(look_up_error, options_.host);
    Endpoints endpoints;
    for (const auto& entry : found) endpoints.push_back(entry.endpoint());
    co_return endpoints;
  }

  Endpoints allowed(Endpoints endpoints) {
    std::erase_if(endpoints, [this](const tcp::endpoint& endpoint) {
      auto access = check_access(options_.access, endpoint_of(endpoint).address);
      if (access) return false;
      failure_.error = access.error();
      failure_.word = PreambleWord::not_activated;
      return true;
    });
    if (!endpoints.empty()) failure_.word.reset();
    return endpoints;
  }

  asio::awaitable<Bytes> exchange(Stream& stream) {
    const auto question = encode_preamble(question_);
    const IoError error = co_await write_all(stream, question);
    if (error) co_return Bytes();
    co_return co_await read_first_bytes(stream);
  }

  /// Whether the peer lets us in; else failure_ says why not.
  bool judge(const Bytes& first_bytes) {
    auto answer = decode_preamble(first_bytes);
    if (!answer) {
      const bool silent = first_bytes.empty();
      failure_.error = {
          silent ? ErrorKind::unavailable : ErrorKind::protocol,
          fmt::format("{}: {}", server_text(),
                      silent ? "it closed the connection without a word" : answer.error().message)};
      return false;
    }
    failure_.word = answer->word;
    failure_.peer_version = answer->version;
    auto refusal = judge_answer(options_.access, question_, *answer, server_text());
    if (!refusal) return true;
    failure_.error = *std::move(refusal);
    return false;
  }

  /// The stream upon which all goes on; without one, failure_ says why not.
  asio::awaitable<std::unique_ptr<Stream>> encrypted(std::unique_ptr<Stream> plain, Instant end) {
    const FarmRole role = farm_role_of(question_.conversation);
    Encrypted outcome =
        co_await encrypt(context_, std::move(plain), TlsSide::client, role, *options_.access.key, end);
    if (!outcome.error) co_return std::move(outcome.stream);
    outcome.stream->write_now(outcome.last_words);
    const bool other_key = outcome.error->kind == ErrorKind::incompatible;
    if (other_key) failure_.word = PreambleWord::other_farm;
    failure_.error =
        other_key ? other_key_of_farm(options_.access.farm(), server_text())
                  : Error{outcome.error->kind, fmt::format("{}: {}", server_text(), outcome.error->message)};
    co_return nullptr;
  }

  /// "master 10.0.0.103:21000".
  std::string server_text() const {
    return fmt::format("{} {}", roles_of(options_.question.conversation).server,
                       Endpoint{options_.host, options_.port}.text());
  }

  asio::io_context& context_;
  const ConnectOptions options_;
  const Preamble question_;
  const OnConnected on_connected_;
  const OnFailed on_failed_;
  asio::cancellation_signal cancel_;
  ConnectFailure failure_{{ErrorKind::unavailable, "no address"}, std::nullopt, 0};
  bool looking_up_ = false;  ///< asking the system's name service
  bool cancelled_ = false;
};

class AttemptHandle final : public Connecting {
 public:
  explicit AttemptHandle(std::shared_ptr<Attempt> attempt) : attempt_(std::move(attempt)) {
    attempt_->start();
  }
  ~AttemptHandle() override { attempt_->cancel(); }

 private:
  std::shared_ptr<Attempt> attempt_;
};

}  // namespace

void prepare_encryption(const NetworkAccess& access) {
  if (access.key) prepare_tls();
}

std::unique_ptr<Connecting> connect(EventLoop& loop, ConnectOptions options,
                                    std::function<void(std::unique_ptr<Connection>)> on_connected,
                                    std::function<void(const ConnectFailure&)> on_failed) {
  return std::make_unique<AttemptHandle>(std::make_shared<Attempt>(
      loop.context(), std::move(options), std::move(on_connected), std::move(on_failed)));
}

}  // namespace oct
