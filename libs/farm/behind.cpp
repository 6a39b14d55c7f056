#include "farm/behind.hpp"

namespace oct {

Behind behind_of(const TalkEnd& end, const NetworkAccess& access) {
  if (end.word) {
    switch (*end.word) {
      case PreambleWord::tls: return access.key ? Behind::other_farm : Behind::we_have_no_key;
      case PreambleWord::other_farm: return access.key ? Behind::other_farm : Behind::we_have_no_key;
      case PreambleWord::not_activated: return Behind::not_activated;
      case PreambleWord::other_service: return Behind::other_octane;
      case PreambleWord::plain:
      case PreambleWord::other_version: return Behind::stranger;
    }
  }
  if (end.error.kind == ErrorKind::incompatible) return Behind::other_farm;
  return end.error.kind == ErrorKind::protocol ? Behind::stranger : Behind::mute;
}

bool is_daemon(Behind behind) {
  return behind == Behind::daemon || behind == Behind::other_farm || behind == Behind::not_activated ||
         behind == Behind::we_have_no_key;
}

}  // namespace oct
