#include "net/tls_stream.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/check.hpp"

namespace oct {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;   ///< asked of the stream below at a time
constexpr std::size_t kWriteBytes = 64 * 1024;  ///< encrypted at a time: four records

/// Bytes between OpenSSL and the stream below.
struct Wire {
  Bytes in = Bytes(kReadBytes);
  std::size_t in_begin = 0, in_end = 0;
  Bytes out;
};

// OpenSSL's view of a Wire.

int read_wire(BIO* bio, char* to, std::size_t wanted, std::size_t* got) {
  auto& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  *got = std::min(wanted, wire.in_end - wire.in_begin);
  if (*got == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(to, wire.in.data() + wire.in_begin, *got);
  wire.in_begin += *got;
  return 1;
}

int write_wire(BIO* bio, const char* from, std::size_t size, std::size_t* written) {
  auto& wire = *static_cast<Wire*>(BIO_get_data(bio));
  const auto* bytes = reinterpret_cast<const std::byte*>(from);
  wire.out.insert(wire.out.end(), bytes, bytes + size);
  *written = size;
  return 1;
}

long control_wire(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* wire_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "octane wire");
    OCT_CHECK(made != nullptr);
    BIO_meth_set_read_ex(made, read_wire);
    BIO_meth_set_write_ex(made, write_wire);
    BIO_meth_set_ctrl(made, control_wire);
    return made;
  }();
  return method;
}

// The secret.

/// What a stream's callbacks need to know: kept for the time of the handshake.
struct Psk {
  std::string_view identity;
  FarmKey::Derived secret;
};

/// Public; keeps the roles apart a second time, and tells a capture what it shows.
std::string_view identity_of(FarmRole role) {
  switch (role) {
    case FarmRole::render: return "octane render";
    case FarmRole::daemon: return "octane daemon";
    case FarmRole::peer: return "octane peer";
    case FarmRole::discovery: break;
  }
  OCT_CHECK(false);  // no stream is made for it
  return {};
}

SSL_SESSION* session_of(SSL* ssl, const Psk& psk) {
  constexpr unsigned char kAes128GcmSha256[] = {0x13, 0x01};
  SSL_SESSION* session = SSL_SESSION_new();
  OCT_CHECK(session != nullptr);
  const auto bytes = psk.secret.bytes();
  OCT_CHECK(SSL_SESSION_set1_master_key(session, bytes.data(), bytes.size()) == 1);
  OCT_CHECK(SSL_SESSION_set_cipher(session, SSL_CIPHER_find(ssl, kAes128GcmSha256)) == 1);
  OCT_CHECK(SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION) == 1);
  return session;
}

const Psk& psk_of(SSL* ssl) {
  return *static_cast<const Psk*>(SSL_get_app_data(ssl));
}

int offer_psk(SSL* ssl, const EVP_MD* md, const unsigned char** identity, std::size_t* size,
              SSL_SESSION** session) {
  *session = nullptr;
  if (md != nullptr && EVP_MD_get_type(md) != NID_sha256) return 1;  // none to offer
  const Psk& psk = psk_of(ssl);
  *identity = reinterpret_cast<const unsigned char*>(psk.identity.data());
  *size = psk.identity.size();
  *session = session_of(ssl, psk);
  return 1;
}

int find_psk(SSL* ssl, const unsigned char* identity, std::size_t size, SSL_SESSION** session) {
  const Psk& psk = psk_of(ssl);
  const std::string_view asked(reinterpret_cast<const char*>(identity), size);
  *session = asked == psk.identity ? session_of(ssl, psk) : nullptr;
  return 1;
}

// One context for each side, opened once and kept until the program ends.

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, FreeContext>;

ContextPtr make_context(const SSL_METHOD* method) {
  ContextPtr context(SSL_CTX_new(method));
  SSL_CTX* raw = context.get();
  OCT_CHECK(raw != nullptr);
  OCT_CHECK(SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION) == 1);
  OCT_CHECK(SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION) == 1);
  OCT_CHECK(SSL_CTX_set_ciphersuites(raw, "TLS_AES_128_GCM_SHA256") == 1);
  OCT_CHECK(SSL_CTX_set1_groups_list(raw, "X25519") == 1);
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_psk_use_session_callback(raw, offer_psk);
  SSL_CTX_set_psk_find_session_callback(raw, find_psk);
  return context;
}

SSL_CTX* context_of(TlsSide side) {
  static const ContextPtr client = [] {
    ContextPtr made = make_context(TLS_client_method());
    // A server that shows a certificate in place of the secret is nobody: there is no store to verify it by.
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
    return made;
  }();
  static const ContextPtr server = make_context(TLS_server_method());
  return (side == TlsSide::client ? client : server).get();
}

/// The reason on top of OpenSSL's queue of errors; 0 = none.
int last_reason() {
  return ERR_GET_REASON(ERR_peek_last_error());
}

Error handshake_error() {
  const int reason = last_reason();
  // What a server finds when the secrets differ, and the alerts by which it says so.
  if (reason == SSL_R_BINDER_DOES_NOT_VERIFY || reason == SSL_R_SSLV3_ALERT_ILLEGAL_PARAMETER ||
      reason == SSL_R_TLSV1_ALERT_DECRYPT_ERROR)
    return {ErrorKind::incompatible, "the other side has another key"};
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  return {ErrorKind::protocol, fmt::format("TLS handshake failed: {}", text == nullptr ? "no reason" : text)};
}

class OpenSslStream final : public TlsStream {
 public:
  OpenSslStream(std::unique_ptr<Stream> below, TlsSide side, FarmRole role, const FarmKey::Derived& secret,
                std::uint64_t rekey_bytes)
      : below_(std::move(below)),
        psk_(std::make_unique<Psk>(Psk{identity_of(role), secret})),
        ssl_(SSL_new(context_of(side))),
        rekey_bytes_(rekey_bytes) {
    OCT_CHECK(ssl_ != nullptr);
    BIO* bio = BIO_new(wire_method());
    OCT_CHECK(bio != nullptr);
    BIO_set_data(bio, &wire_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), psk_.get());
    side == TlsSide::client ? SSL_set_connect_state(ssl_.get()) : SSL_set_accept_state(ssl_.get());
  }

  asio::awaitable<Result<void>> handshake() override {
    while (true) {
      ERR_clear_error();
      const int done = SSL_do_handshake(ssl_.get());
      if (done != 1 && SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ)
        co_return fail(handshake_error());
      IoError error = co_await flush();
      if (!error && done == 1) break;
      if (!error) error = co_await fill();
      if (error) co_return fail(error_of(error, "in the middle of the TLS handshake"));
    }
    // Without it another way of proving oneself was taken: none is wanted.
    if (SSL_session_reused(ssl_.get()) != 1)
      co_return fail(ErrorKind::protocol, "TLS handshake without the farm's key");
    psk_.reset();
    SSL_set_app_data(ssl_.get(), nullptr);
    established_ = true;
    co_return Result<void>();
  }

  std::pair<std::unique_ptr<Stream>, Bytes> give_up() override {
    return {std::move(below_), std::move(wire_.out)};
  }

  asio::awaitable<IoResult> read_some(std::span<std::byte> space) override {
    while (true) {
      const auto [fault, count] = decrypt(space);
      if (count > 0) co_return IoResult(IoError(), count);
      if (fault && !flushing_) co_await flush();  // the alert that tells the other side why
      if (fault) co_return IoResult(fault, 0);
      const IoError error = co_await fill();
      if (error) co_return IoResult(error, 0);
    }
  }

  asio::awaitable<IoResult> write_some(std::span<const std::byte> bytes) override {
    bytes = bytes.first(std::min(bytes.size(), kWriteBytes));
    for (std::size_t taken = 0, count = 0; taken < bytes.size(); taken += count) {
      ERR_clear_error();
      if (SSL_write_ex(ssl_.get(), bytes.data() + taken, bytes.size() - taken, &count) != 1) {
        broken_ = true;
        co_return IoResult(make_error_code(StreamFault::damaged), 0);
      }
    }
    count_for_rekey(bytes.size());
    const IoError error = co_await flush();
    co_return IoResult(error, error ? 0 : bytes.size());
  }

  asio::awaitable<void> end_writing() override {
    say_end();
    const IoError error = co_await flush();
    if (!error) co_await below_->end_writing();
  }

  void close() override {
    if (!below_) return;
    // The end in order, if the system takes it at once: else it looks like a connection that was cut.
    if (!flushing_ && sending_.empty()) {
      say_end();
      below_->write_now(wire_.out);
    }
    below_->close();
  }

  void write_now(std::span<const std::byte>) override {}  // nothing is said beside TLS

 private:
  /// Decrypts what has come into `space`: a count; or why nothing will come any more; or neither, when more
  /// bytes are needed.
  IoResult decrypt(std::span<std::byte> space) {
    std::size_t have = 0;
    while (have < space.size() && !broken_) {
      std::size_t count = 0;
      ERR_clear_error();
      if (SSL_read_ex(ssl_.get(), space.data() + have, space.size() - have, &count) == 1) {
        have += count;
        continue;
      }
      const int what = SSL_get_error(ssl_.get(), 0);
      if (what == SSL_ERROR_WANT_READ || (what == SSL_ERROR_ZERO_RETURN && have > 0))
        return {IoError(), have};
      if (what == SSL_ERROR_ZERO_RETURN) return {asio::error::eof, 0};
      broken_ = true;
    }
    if (have > 0) return {IoError(), have};
    return {make_error_code(StreamFault::damaged), 0};
  }

  /// More bytes from the stream below. OpenSSL has taken all that came before.
  asio::awaitable<IoError> fill() {
    const auto [error, count] = co_await below_->read_some(wire_.in);
    wire_.in_begin = 0;
    wire_.in_end = error ? 0 : count;
    // An end without a word of TLS may be anybody's doing.
    if (error == asio::error::eof) co_return make_error_code(StreamFault::cut_off);
    co_return error;
  }

  /// Hands the stream below all that OpenSSL wrote, also while this goes on.
  asio::awaitable<IoError> flush() {
    flushing_ = true;
    while (!wire_.out.empty()) {
      std::swap(sending_, wire_.out);
      const IoError error = co_await write_all(*below_, sending_);
      if (error) {
        flushing_ = false;  // what is left in sending_ keeps close() from adding to half a record
        co_return error;
      }
      sending_.clear();
    }
    flushing_ = false;
    co_return IoError();
  }

  void say_end() {
    if (!established_ || broken_ || (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }

  void count_for_rekey(std::size_t bytes) {
    bytes_with_key_ += bytes;
    if (bytes_with_key_ < rekey_bytes_) return;
    bytes_with_key_ = 0;
    SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_NOT_REQUESTED);  // goes out with the next record
  }

  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  std::unique_ptr<Stream> below_;
  std::unique_ptr<Psk> psk_;
  Wire wire_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  const std::uint64_t rekey_bytes_;
  std::uint64_t bytes_with_key_ = 0;
  Bytes sending_;  ///< taken out of the wire, on its way
  bool flushing_ = false, established_ = false, broken_ = false;
};

}  // namespace

void prepare_tls() {
  context_of(TlsSide::client);
}

std::unique_ptr<TlsStream> make_tls_stream(std::unique_ptr<Stream> below, TlsSide side, FarmRole role,
                                           const FarmKey::Derived& secret, std::uint64_t rekey_bytes) {
  return std::make_unique<OpenSslStream>(std::move(below), side, role, secret, rekey_bytes);
}

}  // namespace oct
