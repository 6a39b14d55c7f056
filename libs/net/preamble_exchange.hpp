#pragma once
#include <optional>

#include "base/instant.hpp"
#include "net/stream.hpp"
#include "wire/preamble.hpp"

// Inside net/ only.

namespace oct {

/// The value of `work`, or nothing when it took longer than `limit` (or was cancelled).
template <class T>
asio::awaitable<std::optional<T>> within(asio::io_context& context, Duration limit, asio::awaitable<T> work) {
  asio::steady_timer timer(context, limit);
  auto first = co_await (std::move(work) || timer.async_wait(kAsValue));
  if (first.index() == 0) co_return std::optional<T>(std::get<0>(std::move(first)));
  co_return std::nullopt;
}

/// The first bytes of a peer: a whole preamble, or as many as show that it is none, or all that came.
asio::awaitable<Bytes> read_first_bytes(Stream& stream);

/// Says the last words, and lets the peer read them: a socket closed with unread input would tear them away.
asio::awaitable<void> say_and_close(asio::io_context& context, Stream& stream, Bytes words, Duration linger);

}  // namespace oct
