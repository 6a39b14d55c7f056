#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "base/bytes.hpp"

namespace oct::test {

/// Somebody between client and server, who sees and may change every byte. Blocking, on threads of its own.
class Relay {
 public:
  enum class Way { to_server, to_client };
  enum class Act {
    pass,  ///< send on what is left in the bytes
    hold,  ///< say nothing more this way, but keep the connection open
    cut,   ///< end both connections at once, without another word
  };
  /// Called for each piece as it comes, `offset` bytes after the first of its way; never twice at a time.
  using Hook = std::function<Act(Way way, std::uint64_t offset, Bytes& bytes)>;

  /// Relays every connection to its port on to this computer's `server_port`, in pieces of at most so many
  /// bytes.
  Relay(std::uint16_t server_port, Hook hook, std::size_t piece_bytes = 32 * 1024);
  /// Ends all connections. The hook is not called any more.
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  std::uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace oct::test
