#pragma once
// Asio with our aliases; hides what differs between its versions. For net/, process/ and *_app.cpp alone.
// Asio's own code is compiled once, in asio_impl.cpp.

#ifndef ASIO_SEPARATE_COMPILATION
#define ASIO_SEPARATE_COMPILATION
#endif
#ifndef ASIO_NO_DEPRECATED
#define ASIO_NO_DEPRECATED
#endif

// Before Asio's first header: what it finds of the standard library decides how it allocates, and that must
// be the same in every file (it tests macros that only a standard header defines).
#include <cstdlib>

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/buffer.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/connect.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/host_name.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <system_error>
#include <tuple>

namespace oct {

using asio::ip::tcp;

// GCC 12 destroys what a co_await inside the condition of an `if` returned twice: give it a name first.

/// Errors arrive as values: `auto [error, count] = co_await socket.async_read_some(buffer, kAsValue);`
inline constexpr auto kAsValue = asio::experimental::as_tuple(asio::use_awaitable);

using IoError = std::error_code;

using asio::experimental::awaitable_operators::operator||;

}  // namespace oct
