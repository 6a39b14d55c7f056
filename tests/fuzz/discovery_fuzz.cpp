#include "fuzz/fuzz_target.hpp"
#include "net/discovery.hpp"

/// Any datagram is refused or read, by a daemon and by a master; without the key none proves anything.
OCT_FUZZ_TARGET(discovery) {
  static const oct::NetworkAccess farm = [] {
    oct::NetworkAccess access;
    access.key = oct::FarmKey::generate();
    return access;
  }();
  const auto probe = oct::read_probe(input, farm);
  if (probe) OCT_CHECK(!probe->proved);
  const auto status = oct::read_status(input, farm);
  if (status) OCT_CHECK(!status->proved);
  (void)oct::read_probe(input, {});
}
