#include <set>

#include "support/catch.hpp"
#include "support/daemon_rig.hpp"
#include "support/random.hpp"

namespace oct {
namespace {

using test::DaemonRig;
using test::Random;

constexpr int kMasters = 5;

/// Masters, a person, a slave program and a clock that do whatever the seed says, and the laws that hold
/// meanwhile.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), can_rest_(random_.chance(0.5)) {
    tell(DaemonStarted{});
  }

  void step() {
    switch (random_.below(13)) {
      case 0:
        return ask<OccupyDaemon>(
            rig_.occupation("user" + std::to_string(random_.below(3)), random_.chance(0.2)));
      case 1: return ask(ReleaseDaemon{});
      case 2:
        if (random_.chance(0.3)) return ask(StealDaemon{"user" + std::to_string(random_.below(3))});
        return ask(DescribeDaemon{});
      case 3: return ask(RetryDaemon{});
      case 4: return close(1 + random_.below(kMasters));
      case 5: return answer_facts();
      case 6:
      case 7: return slave_speaks();
      case 8:
        if (alive_ && random_.chance(0.4)) return slave_ends();
        return pass(milliseconds(random_.below(400)));
      case 9: return pass(milliseconds(random_.below(random_.chance(0.1) ? 700'000 : 3000)));
      case 10:
        if (random_.chance(0.2)) return person();
        return ask(Heartbeat{});
      case 11:
        if (alive_ && can_rest_ && random_.chance(0.2)) return slave_rests(random_.chance(0.5) ? 0 : 6);
        return;
      default:
        if (random_.chance(0.1)) ++file_;
    }
  }

  /// Everybody leaves; what is left then?
  void leave_all() {
    for (ConnectionId connection = 1; connection <= kMasters; ++connection) close(connection);
    if (asking_) answer_facts();
    if (alive_) slave_ends();
    if (asking_) answer_facts();
    pass(seconds(20));
    REQUIRE_FALSE(alive_);
    REQUIRE(rig_.core.self().status(rig_.now()).owner.empty());
    REQUIRE(rig_.core.self().mode(rig_.now()) != DaemonMode::bound);
    if (asking_) answer_facts();
    tell(DaemonStopAsked{});
    REQUIRE(ended_);
    REQUIRE_FALSE(rig_.core.wake_at(rig_.now()).has_value());
  }

  int occupations = 0, starts = 0, kills = 0, warm_starts = 0;

 private:
  template <class Message>
  void ask(Message message) {
    const ConnectionId from = 1 + random_.below(kMasters);
    if constexpr (std::is_same_v<Message, ReleaseDaemon> || std::is_same_v<Message, StealDaemon>)
      asked_ = from;
    rig_.hear(from, DaemonMessage(std::move(message)), 1, file_);
    if (std::is_same_v<Message, ReleaseDaemon> && owner_ == from) owner_ = 0;
    observe();
  }

  void close(ConnectionId connection) {
    if (owner_ == connection) owner_ = 0;
    tell(ConnectionClosed{connection, {ErrorKind::cancelled, ""}});
  }

  void person() {
    rig_.person(random_.chance(0.4) ? ControlCommand::pause : ControlCommand::unpause,
                static_cast<std::uint32_t>(random_.below(3)));
    observe();
  }

  void answer_facts() {
    if (!asking_) return;
    asking_ = false;
    if (random_.chance(0.2)) return tell(FactsCame{fail(ErrorKind::unavailable, "broken"), file_});
    SlaveFacts facts = test::some_facts();
    facts.can_rest = can_rest_;
    tell(FactsCame{facts, file_});
  }

  void slave_speaks() {
    if (alive_ && !stubborn_ && !resting_) tell(SlaveWrote{run_, "progress " + std::to_string(++progress_)});
  }

  void slave_rests(int code) {
    resting_ = true;
    std::optional<std::uint64_t> free_gpu_bytes;
    if (random_.chance(0.5)) free_gpu_bytes = random_.chance(0.1) ? 1u : ~0ull;
    tell(SlaveWrote{run_, line_of(SlaveRests{master_, code, free_gpu_bytes})});
  }

  void slave_ends() {
    static constexpr int kCodes[] = {0, 1, 2, 5, 6, 7, 8};
    alive_ = resting_ = false;
    const SlaveExit exit =
        random_.chance(0.3) ? SlaveExit{0, 9} : SlaveExit{kCodes[random_.below(std::size(kCodes))], 0};
    tell(SlaveEnded{run_, exit});
  }

  void tell(DaemonEvent event) {
    rig_.tell(std::move(event));
    observe();
  }

  void pass(Duration time) {
    const Duration end = rig_.since_start + time;
    while (!ended_) {
      const auto at = rig_.core.wake_at(rig_.now());
      if (!at || at->time_since_epoch() > end) break;
      rig_.since_start = std::max(rig_.since_start, at->time_since_epoch());
      tell(WakeUp{});
    }
    rig_.since_start = end;
    check_laws();
  }

  /// Carries out what the core asked for, and checks the laws.
  void observe() {
    bool leaving = false, killed = false, not_started = false, rests = false, wants_memory = false;
    for (const DaemonAction& action : rig_.actions) {
      REQUIRE_FALSE(ended_);
      if (const auto* send = std::get_if<SendTo>(&action)) heard(*send);
      if (std::get_if<AskFacts>(&action) != nullptr) {
        REQUIRE_FALSE(asking_);
        REQUIRE((!alive_ || resting_));
        asking_ = true;
      }
      if (const auto* start = std::get_if<StartSlave>(&action)) {
        REQUIRE_FALSE(alive_);
        REQUIRE_FALSE(asking_);
        REQUIRE(owner_ != 0);
        REQUIRE(start->target.address == DaemonRig::address_of(owner_));
        run_ = start->run;
        alive_ = true;
        resting_ = false;
        master_ = 0;
        stubborn_ = random_.chance(0.2);
        ++starts;
        not_started = random_.chance(0.1);
      }
      if (const auto* send = std::get_if<SendSlaveTo>(&action)) {
        REQUIRE((alive_ && resting_ && send->run == run_));
        REQUIRE_FALSE(asking_);
        REQUIRE(owner_ != 0);
        REQUIRE(send->target.address == DaemonRig::address_of(owner_));
        resting_ = false;
        master_ = send->number;
        ++warm_starts;
      }
      if (std::get_if<AskSlaveToRest>(&action) != nullptr) {
        REQUIRE((alive_ && can_rest_));
        rests = !stubborn_ && random_.chance(0.8);
      }
      if (std::get_if<LookAtMemory>(&action) != nullptr) wants_memory = true;
      if (std::get_if<AskSlaveToLeave>(&action) != nullptr) leaving = !stubborn_ && random_.chance(0.5);
      if (std::get_if<KillSlave>(&action) != nullptr) killed = true;
      if (std::get_if<EndDaemon>(&action) != nullptr) {
        REQUIRE_FALSE(alive_);
        ended_ = true;
      }
    }
    rig_.actions.clear();
    check_laws();
    kills += killed ? 1 : 0;
    if (not_started) {
      alive_ = false;
      tell(SlaveNotStarted{run_, "no memory"});
    } else if (alive_ && (leaving || killed)) {
      slave_ends();
    } else if (alive_ && rests) {
      slave_rests(0);
    } else if (wants_memory) {
      tell(MemorySeen{random_.chance(0.05) ? 1u : ~0ull});
    }
  }

  void heard(const SendTo& send) {
    if (std::get_if<DaemonOccupied>(&send.message) != nullptr) {
      REQUIRE((owner_ == 0 || owner_ == send.connection));
      owner_ = send.connection;
      ++occupations;
    }
    if (std::get_if<DaemonTaken>(&send.message) != nullptr) {
      REQUIRE(owner_ == send.connection);
      owner_ = 0;
    }
  }

  void check_laws() {
    if (owner_ != 0 && !rig_.core.is_owner(owner_)) {
      REQUIRE(asked_ == owner_);  // it gave the daemon back itself
      owner_ = 0;
    }
    for (ConnectionId connection = 1; connection <= kMasters; ++connection)
      REQUIRE(rig_.core.is_owner(connection) == (connection == owner_));
    const double longest = can_rest_ ? 600 + 5.1 : 0;
    if (!alive_ || owner_ != 0) {
      alone_since_.reset();
    } else if (!alone_since_) {
      alone_since_ = rig_.since_start;
    } else {
      REQUIRE(to_seconds(rig_.since_start - *alone_since_) <=
              longest + 5.1);  // graces, and the time that it is kept
    }
  }

  Random random_;
  DaemonRig rig_;
  ConnectionId owner_ = 0, asked_ = 0;  ///< who believes to have the daemon; who asked last
  bool can_rest_ = false, resting_ = false;
  std::uint64_t master_ = 0;
  bool alive_ = false, stubborn_ = false, asking_ = false, ended_ = false;
  SlaveRun run_ = 0;
  std::uint64_t progress_ = 0;
  FileStamp file_ = 1;
  std::optional<Duration> alone_since_;
};

TEST_CASE("whatever happens, a daemon has one owner at most, no slave without one, and ends free",
          "[daemon]") {
  int occupations = 0, starts = 0, kills = 0, warm_starts = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    World world(seed);
    for (int i = 0; i < 300; ++i) world.step();
    world.leave_all();
    occupations += world.occupations;
    starts += world.starts;
    kills += world.kills;
    warm_starts += world.warm_starts;
  }
  CHECK(occupations > 1000);
  CHECK(starts > 1000);
  CHECK(kills > 50);
  CHECK(warm_starts > 100);
}

}  // namespace
}  // namespace oct
