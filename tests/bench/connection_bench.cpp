// What a connection costs, plain and encrypted: bulk packets through the product's own connections over loopback (kHelp
// below).
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "bench_help.hpp"
#include "net/connector.hpp"
#include "net/listener.hpp"
#include "support/loop_thread.hpp"
#include "wire/messages.hpp"

namespace {

using namespace oct;

constexpr const char* kHelp =
    R"(usage: octane_bench_connection [MB]

What a connection costs, plain and encrypted: bulk packets, 4000 MB unless given, through the product's own connections
over loopback.

Counted is CPU time of the threads, the system's part of it included, not time on a clock: so the figures hold on a busy
computer, too. Prints, for each round: throughput when both ends share one core (bytes through / CPU time of the one
thread that runs both), and what each end alone takes of a core when it fills a line of 1 Gbit/s.
)";

constexpr double kGigabit = 1e9 / 8;  ///< bytes a second
constexpr int kRounds = 5;
constexpr std::size_t kDistinctChunks = 256;  ///< 64 MB: as in a render, what is sent is not in the caches

/// CPU seconds of the calling thread.
double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// One end's owner: sends as there is room, or counts what comes.
struct End {
  std::unique_ptr<Connection> connection;
  std::uint64_t received = 0;
  std::vector<Chunk> chunks;
  std::size_t next = 0;
  bool sends = false;

  void fill() {
    while (sends && connection->bulk_has_room()) connection->send(chunks[next++ % chunks.size()]);
  }
  void start() {
    Chunk chunk;
    chunk.content.resize(kMaxChunkBytes, std::byte{0x5a});
    chunks.assign(kDistinctChunks, chunk);
    connection->start({.on_packet = [this](Packet packet) { received += packet.payload.size(); },
                       .on_bulk_room = [this] { fill(); },
                       .on_closed = [](const Error& error) { fmt::print("closed: {}\n", error.message); }});
    connection->established(milliseconds(1000), milliseconds(60'000), [] { return std::uint64_t{0}; });
  }
};

/// The two loops may be the same.
struct Pair {
  test::LoopThread& sender_loop;
  test::LoopThread& receiver_loop;
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Connecting> attempt;
  End sender, receiver;

  Pair(test::LoopThread& from, test::LoopThread& to, const NetworkAccess& access)
      : sender_loop(from), receiver_loop(to) {
    const auto port = receiver_loop.on_loop([&] {
      ListenOptions options{
          .address = "127.0.0.1", .ports = {0, 1}, .access = access, .answer = {}, .deadlines = {}};
      listener = *Listener::open(
          receiver_loop.loop(), options,
          [this](std::unique_ptr<Connection> made) {
            receiver.connection = std::move(made);
            receiver.start();
          },
          [](const RefusedPeer& peer) { fmt::print("refused: {}\n", peer.error.message); });
      return listener->port();
    });
    sender_loop.on_loop([&] {
      ConnectOptions options{
          .host = "127.0.0.1", .port = port, .access = access, .question = {}, .deadlines = {}};
      attempt = connect(
          sender_loop.loop(), options,
          [this](std::unique_ptr<Connection> made) {
            sender.connection = std::move(made);
            sender.start();
          },
          [](const ConnectFailure& failure) { fmt::print("failed: {}\n", failure.error.message); });
      return 0;
    });
    OCT_CHECK(receiver_loop.wait_until([&] { return receiver.connection != nullptr; }));
    OCT_CHECK(sender_loop.wait_until([&] { return sender.connection != nullptr; }));
  }
  ~Pair() {
    sender_loop.on_loop([&] { return attempt.reset(), sender.connection.reset(), 0; });
    receiver_loop.on_loop([&] { return listener.reset(), receiver.connection.reset(), 0; });
  }

  /// CPU seconds of both threads for so many bytes.
  struct Cost {
    double sender = 0, receiver = 0;
  };
  Cost transfer(std::uint64_t bytes) {
    const auto received = [this] { return receiver.received; };
    const double sender_start = sender_loop.on_loop(cpu_seconds);
    const double receiver_start = receiver_loop.on_loop(cpu_seconds);
    const std::uint64_t goal = receiver_loop.on_loop(received) + bytes;
    sender_loop.on_loop([&] { return sender.sends = true, sender.fill(), 0; });
    while (receiver_loop.on_loop(received) < goal) std::this_thread::sleep_for(milliseconds(20));
    const Cost cost{sender_loop.on_loop(cpu_seconds) - sender_start,
                    receiver_loop.on_loop(cpu_seconds) - receiver_start};
    sender_loop.on_loop([&] { return sender.sends = false, 0; });
    return cost;
  }
};

struct Round {
  double one_core;                      ///< bytes a second
  double sender_share, receiver_share;  ///< of a core, at 1 Gbit/s
};

Round measure(const NetworkAccess& access, std::uint64_t bytes) {
  Round round{};
  {
    test::LoopThread both;
    Pair pair(both, both, access);
    pair.transfer(bytes / 8);
    round.one_core = static_cast<double>(bytes) / pair.transfer(bytes).sender;
  }
  test::LoopThread from, to;
  Pair pair(from, to, access);
  pair.transfer(bytes / 8);
  const Pair::Cost cost = pair.transfer(bytes);
  round.sender_share = cost.sender / static_cast<double>(bytes) * kGigabit;
  round.receiver_share = cost.receiver / static_cast<double>(bytes) * kGigabit;
  return round;
}

void show(const char* name, const Round& round) {
  fmt::print(
      "{:<10} one core {:5.2f} GB/s     a full 1 Gbit/s line: sender {:4.1f} %, receiver {:4.1f} % of a "
      "core\n",
      name, round.one_core / 1e9, 100 * round.sender_share, 100 * round.receiver_share);
}

}  // namespace

int main(int argc, char** argv) {
  bench::answer_help(argc, argv, kHelp);
  const std::uint64_t bytes = 1'000'000 * std::uint64_t(argc > 1 ? std::max(1, std::atoi(argv[1])) : 4000);
  if (!has_tls()) {
    fmt::print("no TLS in this build\n");
    return 1;
  }
  const NetworkAccess plain, encrypted{.key = FarmKey::generate()};
  std::vector<double> ratios;
  for (int i = 0; i < kRounds; ++i) {
    const Round without = measure(plain, bytes), with = measure(encrypted, bytes);
    show("plain", without);
    show("encrypted", with);
    ratios.push_back(with.one_core / without.one_core);
  }
  std::sort(ratios.begin(), ratios.end());
  fmt::print("encrypted / plain on one core: median {:.2f} ({:.2f} to {:.2f}) of {} rounds of {} MB\n",
             ratios[kRounds / 2], ratios.front(), ratios.back(), kRounds, bytes / 1'000'000);
}
