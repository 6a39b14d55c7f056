#include "net/preamble_exchange.hpp"

namespace oct {
namespace {

asio::awaitable<bool> say(Stream& stream, const Bytes& words) {
  const IoError error = co_await write_all(stream, words);
  if (error) co_return false;
  co_await stream.end_writing();
  co_await read_to_end(stream);
  co_return true;
}

}  // namespace

asio::awaitable<Bytes> read_first_bytes(Stream& stream) {
  Bytes bytes(kPreambleBytes);
  std::size_t have = 0;
  while (have < kPreambleBytes && may_be_preamble(ByteView(bytes).first(have))) {
    const auto [error, count] = co_await stream.read_some(std::span(bytes).subspan(have));
    if (error) break;
    have += count;
  }
  bytes.resize(have);
  co_return bytes;
}

asio::awaitable<void> say_and_close(asio::io_context& context, Stream& stream, Bytes words, Duration linger) {
  co_await within(context, linger, say(stream, words));
  stream.close();
}

}  // namespace oct
