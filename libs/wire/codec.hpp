#pragma once
#include "base/result.hpp"
#include "wire/daemon_messages.hpp"
#include "wire/messages.hpp"
#include "wire/packet.hpp"

// Messages to packets and back. The only road: field list <-> CBOR document, checked field by field.

namespace oct {

/// The packet of a message. Texts that are too long or hold control characters are made fit; lists and
/// numbers beyond their limits are our own mistake (OCT_CHECK).
template <class Message>
Bytes encode(const Message& message, std::uint32_t request_id = 0);

/// protocol error for whatever is not exactly such a message: missing, unknown or twice named fields, other
/// types, values out of range, texts that are no clean UTF-8, a payload of the wrong size. Never throws.
template <class Message>
Result<Message> decode(Packet packet);

/// The same for any message of the render conversation; an unknown type is a protocol error.
Result<RenderMessage> decode_render_message(Packet packet);

/// Any message of the daemon conversation, read with the tolerance that a growing vocabulary needs: missing
/// fields keep their defaults, unknown ones are ignored, unknown enumerators are read as 0. Of a type that
/// this release does not know there is nothing but its number. Never throws.
Result<std::variant<DaemonMessage, UnknownMessage>> decode_daemon_message(Packet packet);

/// One line for the log: "slave_hello version=1000000 kernel_hash=... devices=[2]".
template <class Message>
std::string log_text(const Message& message);

}  // namespace oct
