#include "security/tls_support.hpp"

namespace oct {

bool has_tls() {
#if defined(OCT_HAVE_OPENSSL)
  return true;
#else
  return false;
#endif
}

Result<void> check_tls() {
  if (has_tls()) return {};
  return fail(ErrorKind::incompatible,
              "no TLS in this build: it cannot use a farm key, and with one nothing is sent in plain",
              "use a release whose octane_master --version does not say no TLS");
}

}  // namespace oct
