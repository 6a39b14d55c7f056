#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/exit_code.hpp"
#include "base/log.hpp"
#include "computer/input_watch.hpp"
#include "daemon/daemon_config.hpp"
#include "daemon/daemon_core.hpp"
#include "daemon/printer.hpp"
#include "daemon/responder.hpp"
#include "daemon/slave_program.hpp"
#include "net/event_loop.hpp"
#include "net/listener.hpp"
#include "net/port_probe.hpp"
#include "net/stranger_tally.hpp"

namespace oct {

/// Lets masters find this computer and lends it to one at a time, until told to end. The shell of DaemonCore:
/// it brings events in and carries actions out, on one thread; another writes to the window, which may take
/// its time. Between events it does not run.
class DaemonApp {
 public:
  explicit DaemonApp(DaemonConfig config);
  ~DaemonApp();
  DaemonApp(const DaemonApp&) = delete;
  DaemonApp& operator=(const DaemonApp&) = delete;

  /// To be called by the thread that ends last: Linux ties the slave to it.
  ExitCode run();

  // For tests, any thread.
  /// Calls with the port once it listens.
  void when_open(std::function<void(std::uint16_t)> call) { on_open_ = std::move(call); }
  /// In place of an InputWatch; before run().
  void watch_input_with(std::function<std::optional<Duration>(Instant)> idle) { idle_ = std::move(idle); }
  /// As CTRL-C does.
  void ask_to_stop();

 private:
  ExitCode serve();
  Result<void> open();
  Result<void> listen(const std::string& address, ListenOptions options);
  void open_optional(const std::string& address, ListenOptions options);
  ListenOptions listen_options() const;
  void on_refused(const RefusedPeer& refused);
  DaemonStatus status() const;

  void feed(DaemonEvent event);
  void carry_out(DaemonAction& action);
  void plan_wake_up();

  void on_connection(std::unique_ptr<Connection> made);
  void on_packet(ConnectionId id, Packet packet);
  void on_closed(ConnectionId id, const Error& reason);
  void hear(ConnectionId id, std::uint32_t request, std::variant<DaemonMessage, UnknownMessage> message);
  void send(const SendTo& action);
  void establish(ConnectionId id, std::chrono::milliseconds heartbeat, std::chrono::milliseconds dead);
  void look_at_memory();
  void try_reach(const TryToReach& action);
  void read_computer();

  void say_hello();
  void show(const Result<SlaveFacts>& facts);
  void announce(const std::string& text);
  void tell_of_loss();
  void on_signal();
  void end();
  void stop_if_closed();

  DaemonConfig config_;
  Printer console_;
  std::unique_ptr<Log> log_;
  EventLoop loop_;
  std::unique_ptr<DaemonCore> core_;
  std::unique_ptr<SlaveProgram> program_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::unique_ptr<Responder> responder_;
  StrangerTally strangers_;
  struct Peer {
    std::unique_ptr<Connection> connection;
    bool heard = false;  ///< it said something: no stranger any more
  };
  std::map<ConnectionId, Peer> peers_;
  ConnectionId next_connection_ = 1;
  std::map<std::uint64_t, std::unique_ptr<PortProbe>> reaching_;
  std::uint64_t next_reach_ = 0;
  std::unique_ptr<Timer> wake_up_, last_wait_;
  InputWatch input_;
  std::function<std::optional<Duration>(Instant)> idle_;
  std::function<void(std::uint16_t)> on_open_;
  bool stop_asked_ = false, ending_ = false, greeted_ = false;
};

}  // namespace oct
