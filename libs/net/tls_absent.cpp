// For builds without OpenSSL.
#include "base/check.hpp"
#include "net/tls_stream.hpp"
#include "security/tls_support.hpp"

namespace oct {

void prepare_tls() {}

std::unique_ptr<TlsStream> make_tls_stream(std::unique_ptr<Stream>, TlsSide, FarmRole,
                                           const FarmKey::Derived&, std::uint64_t) {
  OCT_CHECK(has_tls());  // check_access() lets nobody come here
  return nullptr;
}

}  // namespace oct
