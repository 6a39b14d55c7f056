#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/console.hpp"
#include "base/exit_code.hpp"
#include "base/log.hpp"
#include "base/work_queue.hpp"
#include "computer/stay_awake.hpp"
#include "net/connector.hpp"
#include "net/event_loop.hpp"
#include "net/input_lines.hpp"
#include "render/device_opening.hpp"
#include "render/device_watch.hpp"
#include "render/render_worker.hpp"
#include "slave/address_watch.hpp"
#include "slave/scene_builder.hpp"
#include "slave/slave_config.hpp"
#include "slave/slave_core.hpp"

namespace oct {

/// Lends this computer's devices to a master until told to end. The shell of SlaveCore: it brings events in
/// and carries actions out, on one loop thread; devices, scene building and packing have threads of their
/// own.
class SlaveApp {
 public:
  explicit SlaveApp(SlaveConfig config);
  ~SlaveApp();
  SlaveApp(const SlaveApp&) = delete;
  SlaveApp& operator=(const SlaveApp&) = delete;

  ExitCode run();
  /// As CTRL-C: it sends what is finished, says goodbye, and run() ends. Any thread; before run(), too.
  void stop();

 private:
  struct Finish {};
  /// What leaves in order: finished units as packets, bulk messages, the end.
  using Outgoing = std::variant<std::vector<FilmContributions>, RenderMessage, Finish>;
  struct Slot {
    std::optional<Outgoing> ready;  ///< none while it is being packed
    std::size_t next = 0;           ///< of the packets
  };

  Result<void> open_devices_of_this_computer();
  Result<void> use(OpenedDevices::List opened, DevicePlan& plan);
  void look_for_hung();
  bool finish_devices();
  MemoryNeeds needs_of_devices() const;
  void open_cache();
  void feed(SlaveEvent event);
  void carry_out(SlaveAction& action);
  void connect_to(const Endpoint& master);
  void drop_master();
  void rest(const Rest& action);
  std::optional<std::uint64_t> free_gpu_bytes() const;
  void on_connected(std::unique_ptr<Connection> connection);
  void on_packet(Packet packet);
  void on_device_event(std::uint32_t device, RenderEvent event);
  void send(RenderMessage& message);
  void pack(SendContributions& action);
  void pump();
  void supervise();
  void follow_address_file();
  void on_address(const AddressFollower::Step& step);
  void obey(const std::string& line);
  void report_progress();
  std::uint64_t progress() const;
  void on_signal();
  void leave();
  void end(EndSlave& action);
  void say(const std::string& text);
  void tell(const SlaveNews& news);
  void tell_of_loss();
  void say_warning(const std::string& text, const std::string& help = {});
  void let_time_pass();

  SlaveConfig config_;
  Endpoint master_;  ///< that was connected to last
  Console console_;
  std::unique_ptr<Log> log_;
  EventLoop loop_;
  std::unique_ptr<SlaveCore> core_;
  std::unique_ptr<Connecting> connecting_;
  std::unique_ptr<Connection> connection_;
  std::deque<std::shared_ptr<Slot>> outgoing_;  ///< of connection_
  CompressionSet master_reads_ = 0;
  std::unique_ptr<StayAwake> awake_;  ///< while it has work
  std::unique_ptr<Timer> tick_, progress_timer_;
  std::unique_ptr<InputLines> input_;
  bool stop_asked_ = false;
  ExitCode exit_code_ = ExitCode::done;

  // What has threads comes last, so that it ends first.
  std::unique_ptr<AddressWatch> address_watch_;
  std::unique_ptr<WorkQueue> packer_;
  std::unique_ptr<DeviceOpening> opening_;
  std::vector<std::unique_ptr<RenderWorker>> workers_;
  std::vector<std::uint32_t> device_numbers_;  ///< in workers_, by the number in the plan
  bool has_both_formats_ = false;     ///< trees are built for CPUs and GPUs, whichever of them can be opened
  std::vector<Digest> canaries_;      ///< of each
  std::vector<DeviceWatch> watches_;  ///< of each
  std::unique_ptr<Timer> watch_timer_;
  std::unique_ptr<ChunkCache> cache_;
  std::unique_ptr<SceneBuilder> builder_;
};

}  // namespace oct
