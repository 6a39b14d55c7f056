#pragma once
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/address.hpp"
#include "wire/daemon_messages.hpp"

// The datagrams of discovery: one packet, and behind it, from who has a farm key, the MAC of that packet.
// Question and answer differ in type and share a nonce, so neither can be sent back or replayed as the other. Who has a
// key asks twice: the first answer brings a cookie, bound to the asker's address and to a minute, and a probe with it
// is told the rest. A probe that somebody recorded is worth nothing elsewhere or later.

namespace oct {

/// What came, and whether it is proved that a computer of our farm sent it.
template <class Message>
struct Datagram {
  Message message;
  bool proved = false;  ///< its MAC is right; always false without a key
};

/// A probe of exactly kProbeBytes. `farm` and `padding` are filled in.
Bytes probe_datagram(DaemonProbe probe, const NetworkAccess& access);
/// An answer of at most kProbeBytes. `farm` is filled in.
Bytes status_datagram(DaemonStatus status, const NetworkAccess& access);

/// Whether an answer holds nothing but what the next probe needs to be told the rest.
bool is_cookie_alone(const DaemonStatus& status);

/// protocol error for whatever is no such datagram. Never throws.
Result<Datagram<DaemonProbe>> read_probe(ByteView bytes, const NetworkAccess& access);
Result<Datagram<DaemonStatus>> read_status(ByteView bytes, const NetworkAccess& access);

}  // namespace oct
