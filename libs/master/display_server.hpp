#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "farm/scan_targets.hpp"
#include "master/film_worker.hpp"
#include "net/one_way_stream.hpp"

namespace oct {

inline constexpr std::uint16_t kDisplayPort = 14158;  ///< tev's own

struct DisplayChoice {
  HostPort address;
  Duration interval = milliseconds(500);  ///< between updates
  Duration connect_limit = seconds(3);
  Duration retry = seconds(5);
};

/// Shows the growing film in tev (--display-server): connects, makes a picture, and sends the tiles that have
/// changed, scene-linear RGB. Never in the way of the render: it holds one row of tiles at a time, takes the
/// next one when the socket has taken that, and leaves out what it is too slow for. A display that is not
/// there, or goes away, is tried again quietly. Lives on the loop's thread; the film must outlive it, and
/// the loop the film.
class DisplayServer {
 public:
  /// `on_absent` is called once, when no display is there at the first attempt.
  DisplayServer(EventLoop& loop, DisplayChoice choice, std::function<void(const Error&)> on_absent);
  ~DisplayServer();
  DisplayServer(const DisplayServer&) = delete;
  DisplayServer& operator=(const DisplayServer&) = delete;

  void start(FilmWorker& film, std::string image_name, std::uint32_t width, std::uint32_t height,
             Instant now);
  void on_tick(Instant now, std::uint64_t samples_merged);
  /// Sends what is still new. The picture stays in the display.
  void finish(std::uint64_t samples_merged);
  /// Whether the display shows all that was merged, as far as was told, or is not there.
  bool idle() const { return !stream_ || (connected_ && !updating_ && updated_ == merged_); }

 private:
  struct Shown;

  void connect();
  void on_connected();
  void on_lost(const Error& error);
  void update();
  void ask_for_row();
  void send_row(Bytes packets);

  EventLoop& loop_;
  DisplayChoice choice_;
  std::function<void(const Error&)> on_absent_;
  FilmWorker* film_ = nullptr;
  std::string image_name_;
  std::uint32_t width_ = 0, height_ = 0;

  std::unique_ptr<OneWayStream> stream_;
  bool connected_ = false;
  bool updating_ = false;
  bool finishing_ = false;
  std::uint32_t row_ = 0;      ///< of tiles, the next one of the update under way
  std::uint64_t merged_ = 0;   ///< samples, as told last
  std::uint64_t updated_ = 0;  ///< samples merged when the last update began
  Instant now_{};
  Instant next_update_{};
  Instant next_try_{};
  std::shared_ptr<Shown> shown_;  ///< by this connection
};

}  // namespace oct
