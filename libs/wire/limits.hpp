#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

// Every maximum and deadline of the network in one table. A length is compared with these, and with the bytes
// at hand, before anything is allocated.

namespace oct {

// Packets: header + document + payload. A bulk packet holds up control messages by its own length at most:
// 256 kB are 21 ms at 100 Mbit/s.
inline constexpr std::size_t kMaxPayloadBytes = 256 * 1024;
inline constexpr std::size_t kMaxDocumentBytes = 64 * 1024;
inline constexpr std::size_t kMaxNesting = 8;           ///< of maps and arrays in a document
inline constexpr std::size_t kMaxDocumentItems = 8192;  ///< values and keys in a document

// Texts for people, in bytes of UTF-8.
inline constexpr std::size_t kMaxNameBytes = 256;
inline constexpr std::size_t kMaxTextBytes = 1024;

// Discovery and daemons. An answer fits into a datagram of the probe's size, its MAC included.
inline constexpr std::size_t kProbeBytes = 1024;    ///< of a probe's datagram, and at most of its answer
inline constexpr std::uint32_t kMaxSpreadMs = 200;  ///< an answer waits a random moment up to this
inline constexpr std::size_t kDaemonIdBytes = 32;
inline constexpr std::size_t kMaxNickBytes = 64;
inline constexpr std::size_t kMaxAddressBytes = 64;
inline constexpr std::size_t kMaxShortTextBytes = 160;
inline constexpr std::size_t kMaxLogLines = 20;  ///< last lines of a slave
inline constexpr std::uint32_t kMaxPauseMinutes = 7 * 24 * 60;
inline constexpr std::size_t kMaxDaemonConnections = 256;  ///< of one daemon
inline constexpr std::size_t kMaxPendingRequests = 64;     ///< that wait until the slave program has answered
inline constexpr std::size_t kMaxReachAttempts = 8;        ///< TryReach under way
inline constexpr std::size_t kMaxDelayedAnswers = 256;     ///< datagrams
inline constexpr std::size_t kCookieChars = 32;            ///< of a daemon's cookie
inline constexpr std::size_t kMaxPathTestBytes = 64 * 1024;  ///< filling of TestPath and of its answer

// Who and what.
inline constexpr std::size_t kMaxDevices = 64;        ///< of one slave
inline constexpr std::size_t kMaxConnections = 1024;  ///< slaves of one master
/// Connections that were accepted and have not yet said hello; the next one is closed at once.
inline constexpr std::size_t kMaxPendingConnections = 64;

// Render data.
inline constexpr std::size_t kMaxChunkBytes = kMaxPayloadBytes;
inline constexpr std::size_t kMaxArrays = 256;         ///< of a manifest
inline constexpr std::size_t kMaxElementBytes = 4096;  ///< of one element of an array
inline constexpr std::uint64_t kMaxSceneBytes = 1ull << 40;
inline constexpr std::uint32_t kMaxChunks = 1u
                                            << 23;  ///< of a manifest: kMaxSceneBytes in half-filled chunks
inline constexpr std::size_t kMaxChunksPerPacket = 8192;  ///< ids in one part of a manifest
inline constexpr std::size_t kMaxChunksAhead = 64;  ///< ids in one request, and outstanding of one slave
inline constexpr std::size_t kChunkBytesAhead = 8 << 20;  ///< what a slave has outstanding, in bytes

// Work.
inline constexpr std::size_t kMaxLeaseUnits = 16 * 1024;   ///< unit ranges of one lease
inline constexpr std::size_t kMaxContributionUnits = 256;  ///< unit ranges of one packet of contributions
inline constexpr std::uint32_t kMaxPasses = 32;            ///< of a picture

// Outgoing packets of one connection. A peer that lets control pile up is dropped; bulk waits at its source.
inline constexpr std::size_t kMaxControlQueueBytes = 8 << 20;
inline constexpr std::size_t kMaxControlQueuePackets = 16 * 1024;
inline constexpr std::size_t kBulkRoomBytes = 512 * 1024;    ///< below it the owner may hand over more bulk
inline constexpr std::size_t kMaxBulkQueueBytes = 16 << 20;  ///< an owner that goes on all the same
/// What the system may hold of ours unsent (TCP_NOTSENT_LOWAT): behind it a control message waits 10 ms at
/// 100 Mbit/s.
inline constexpr std::size_t kUnsentBytes = 128 * 1024;

// Incoming packets of one slave that wait until contributions before them are unpacked. Contributions are
// bounded by the leases they answer; of all others a slave that keeps the rules has a few.
inline constexpr std::size_t kMaxInboxPackets = 4096;
inline constexpr std::size_t kMaxInboxBytes = 8 << 20;

// Time. Deadlines may be set per program; these are the defaults.
struct Deadlines {
  std::chrono::milliseconds heartbeat{1000};  ///< each side sends one this often
  std::chrono::milliseconds suspect{3000};    ///< without progress: no new leases, others may take its units
  /// Without any byte, or with a write that moves nothing: the connection is dead. Packets lost for 3.3 s
  /// make 7.2 s of silence (TCP's back-off), so 5 s would be too short.
  std::chrono::milliseconds dead{15000};
  std::chrono::milliseconds connect{10000};    ///< to reach a peer, name look-up included
  std::chrono::milliseconds handshake{10000};  ///< from the connection to a hello that was understood
  std::chrono::milliseconds linger{2000};      ///< after the last packet, for the peer to read it and close
};

// What a peer may ask for in their place.
inline constexpr std::uint32_t kMinDeadlineMs = 10;
inline constexpr std::uint32_t kMaxDeadlineMs = 3'600'000;

// Ports.
inline constexpr std::uint16_t kMasterPort = 21000;
inline constexpr std::uint16_t kAutomaticPorts = 16;  ///< 21000-21015: several masters on one computer
inline constexpr std::uint16_t kDaemonPort = 48000;
inline constexpr std::uint16_t kMinPort = 1025;

}  // namespace oct
