#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "farm/daemon_talk.hpp"
#include "farm/daemon_view.hpp"
#include "farm/doctor_verdict.hpp"
#include "farm/port_search.hpp"
#include "net/datagram.hpp"
#include "net/look_up.hpp"
#include "net/port_probe.hpp"

namespace oct {

struct DoctorChoice {
  std::string address;  ///< of the computer, as typed
  std::string name;     ///< what was typed in its place; may be empty
  ScanTargets targets;  ///< what a master scans
  bool network_enabled = false;
  std::uint16_t master_port = kMasterPort;  ///< somebody must listen there while it works
  std::vector<std::uint16_t> last_ports;    ///< where daemons of that computer once were
  NetworkAccess access;
  MasterIdentity identity;
};

/// Finds out what there is to know about one computer's daemon: by datagrams, connections, and questions to
/// the daemon, among them whether it reaches this computer. It decides nothing. The loop's thread only;
/// destroying it, from inside its call too, ends it.
class Doctor {
 public:
  /// `on_done` comes once, never from inside this call, after at most a minute.
  Doctor(EventLoop& loop, DoctorChoice choice, std::function<void(const DoctorEvidence&)> on_done);
  ~Doctor();
  Doctor(const Doctor&) = delete;
  Doctor& operator=(const Doctor&) = delete;

 private:
  Result<void> read_address();
  void on_found(std::vector<std::string> addresses);
  void examine_way();
  void ask_by_datagram();
  void send_datagram();
  void on_datagram(const Endpoint& from, ByteView bytes);
  void ask_by_connection();
  void on_port_answer(PortAnswer answer);
  void go_on_if_both_known();
  void ask_neighbour_again();
  void look_for_neighbour(unsigned tries);
  void talk();
  void test_path();
  void ask_for_large_answer();
  void describe();
  bool on_path_answer(const DaemonMessage& message);
  void on_message(const DaemonMessage& message);
  void on_talk_end(const TalkEnd& end);
  void try_other_ports();
  void finish();

  EventLoop& loop_;
  const DoctorChoice choice_;
  const std::function<void(const DoctorEvidence&)> on_done_;
  DoctorEvidence evidence_;
  HostPort target_;
  std::vector<std::uint16_t> other_ports_;
  DaemonProbe question_;
  Bytes probe_;  ///< the question as a datagram
  Instant sent_{};
  unsigned cookies_ = 0;  ///< that came
  bool sending_failed_ = false, talk_ended_ = false, done_ = false;
  bool testing_path_ = false;
  std::unique_ptr<LookUp> look_up_;
  std::unique_ptr<DatagramSocket> socket_;
  std::unique_ptr<Timer> datagram_timer_, patience_, finish_;
  std::unique_ptr<PortProbe> port_probe_;
  std::unique_ptr<PortSearch> port_search_;
  std::unique_ptr<DaemonTalk> talk_;
};

}  // namespace oct
