#include "master/display_server.hpp"

#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "net/asio.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/loop_thread.hpp"
// after net/asio.hpp
#include <asio/read.hpp>

using namespace oct;

namespace {

/// What tev would show: pictures by name, built from packets. It takes one connection after the other.
class FakeDisplay {
 public:
  struct Picture {
    std::uint32_t width = 0, height = 0;
    std::vector<float> rgb;
    int updates = 0;  ///< rectangles of a channel
  };

  explicit FakeDisplay(const char* address = "127.0.0.1")
      : acceptor_(context_, tcp::endpoint(asio::ip::make_address(address), 0)),
        thread_([this] { serve(); }) {}
  ~FakeDisplay() {
    stop_ = true;
    hang_up();
    IoError ignored;
    tcp::socket wake(context_);
    wake.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  HostPort address() const {
    return {acceptor_.local_endpoint().address().to_string(), acceptor_.local_endpoint().port()};
  }
  Picture picture(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return pictures_[name];
  }
  int connections() {
    const std::lock_guard lock(mutex_);
    return connections_;
  }
  std::string faults() {
    const std::lock_guard lock(mutex_);
    return faults_;
  }
  /// Ends the connection, as a viewer that is closed.
  void hang_up() {
    const std::lock_guard lock(mutex_);
    IoError ignored;
    if (socket_) socket_->shutdown(tcp::socket::shutdown_both, ignored);
    pictures_.clear();
  }

 private:
  void serve() {
    while (!stop_) {
      auto socket = std::make_shared<tcp::socket>(context_);
      IoError error;
      acceptor_.accept(*socket, error);
      if (error || stop_) continue;
      {
        const std::lock_guard lock(mutex_);
        socket_ = socket;
        ++connections_;
      }
      while (read_packet(*socket)) {
      }
      const std::lock_guard lock(mutex_);
      socket_.reset();
    }
  }

  bool read_packet(tcp::socket& socket) {
    std::uint32_t size = 0;
    IoError error;
    asio::read(socket, asio::buffer(&size, 4), error);
    if (error || size < 7 || size > (1u << 20)) return false;
    std::vector<char> body(size - 4);
    asio::read(socket, asio::buffer(body), error);
    if (error) return false;
    const std::lock_guard lock(mutex_);
    at_ = body.data();
    end_ = at_ + body.size();
    const char word = *at_++;
    ++at_;  // whether to grab the focus
    if (word == 4) {
      create();
    } else if (word == 3) {
      update();
    } else {
      faults_ += "unknown packet; ";
    }
    if (at_ != end_) faults_ += "wrong size; ";
    return true;
  }

  std::string text() {
    std::string text(at_);  // ends with a zero byte
    at_ += text.size() + 1;
    return text;
  }
  template <class T>
  T number() {
    T value{};
    if (end_ - at_ < static_cast<std::ptrdiff_t>(sizeof value)) {
      faults_ += "packet too short; ";
      return value;
    }
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }

  void create() {
    Picture picture;
    const std::string name = text();
    picture.width = number<std::uint32_t>();
    picture.height = number<std::uint32_t>();
    if (number<std::uint32_t>() != 3) faults_ += "not three channels; ";
    for (const char* channel : {"R", "G", "B"}) {
      if (text() != channel) faults_ += "wrong channel; ";
    }
    picture.rgb.assign(std::size_t{picture.width} * picture.height * 3, 0.0f);
    pictures_[name] = picture;
  }

  void update() {
    Picture& picture = pictures_[text()];
    const std::size_t channel = std::string("RGB").find(text());
    const auto x0 = number<std::uint32_t>(), y0 = number<std::uint32_t>();
    const auto width = number<std::uint32_t>(), height = number<std::uint32_t>();
    if (channel > 2 || x0 + width > picture.width || y0 + height > picture.height) {
      faults_ += "update outside of the picture; ";
      at_ = end_;
      return;
    }
    ++picture.updates;
    for (std::uint32_t y = y0; y < y0 + height; ++y) {
      for (std::uint32_t x = x0; x < x0 + width; ++x)
        picture.rgb[(std::size_t{y} * picture.width + x) * 3 + channel] = number<float>();
    }
  }

  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::mutex mutex_;
  std::map<std::string, Picture> pictures_;
  std::string faults_;
  std::shared_ptr<tcp::socket> socket_;
  int connections_ = 0;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

const Instant kDisplayStart{};

/// 300 x 150: three columns and two rows of tiles, the last ones cut.
RenderSettings display_settings() {
  return a_setting(300, 150, 2);
}

/// A display server, its film and what the film should look like.
struct DisplayRig {
  explicit DisplayRig(const HostPort& address) {
    loop.on_loop([&] {
      DisplayChoice choice;
      choice.address = address;
      server = std::make_unique<DisplayServer>(loop.loop(), choice,
                                               [this](const Error& error) { absent.push_back(error); });
      server->start(film, "a scene", 300, 150, kDisplayStart);
    });
  }
  ~DisplayRig() {
    loop.on_loop([&] { server.reset(); });
  }

  void merge(std::uint32_t tile) {
    FilmContribution contribution = a_contribution(display_settings(), UnitRange{tile, 0, 1});
    expected.merge(contribution);
    film.merge(std::move(contribution));
    ++merged;
  }
  /// Ticks until the display shows the film as it is.
  bool shows(FakeDisplay& display) {
    return loop.wait_until([&] {
      now += seconds(1);
      server->on_tick(now, merged);
      return display.picture("a scene").rgb == expected.resolve().rgb;
    });
  }

  test::LoopThread loop;  // outlives the film, whose thread posts to it
  Film expected{display_settings()};
  FilmWorker film{Film(display_settings())};
  std::unique_ptr<DisplayServer> server;
  std::vector<Error> absent;
  std::uint64_t merged = 0;
  Instant now = kDisplayStart;
};

}  // namespace

TEST_CASE("a display shows the film, and is sent what changes", "[master][display]") {
  FakeDisplay display;
  DisplayRig rig(display.address());
  rig.merge(0);
  rig.merge(18);  // the right end of the first row: another tile of the display
  REQUIRE(rig.shows(display));
  CHECK(display.picture("a scene").updates == 6);
  rig.merge(189);  // the last one: the display's last tile
  REQUIRE(rig.shows(display));
  CHECK(display.picture("a scene").updates == 9);
  for (std::uint32_t tile = 1; tile < 18; ++tile) rig.merge(tile);
  REQUIRE(rig.shows(display));
  CHECK(display.faults().empty());
  CHECK(display.connections() == 1);
  CHECK(rig.absent.empty());
}

TEST_CASE("what was merged last is shown at the end", "[master][display]") {
  FakeDisplay display;
  DisplayRig rig(display.address());
  rig.merge(3);
  rig.merge(100);
  rig.loop.on_loop([&] { rig.server->finish(rig.merged); });  // perhaps before it is connected
  CHECK(rig.loop.wait_until([&] { return rig.server->idle(); }));
  CHECK(rig.loop.wait_until([&] { return display.picture("a scene").rgb == rig.expected.resolve().rgb; }));
}

TEST_CASE("a display that was closed gets all of it when it is back", "[master][display]") {
  FakeDisplay display;
  DisplayRig rig(display.address());
  rig.merge(0);
  REQUIRE(rig.shows(display));
  display.hang_up();
  rig.merge(50);
  REQUIRE(rig.shows(display));
  CHECK(display.connections() == 2);
  CHECK(display.faults().empty());
  CHECK(rig.absent.empty());
}

TEST_CASE("a display that is not there is said once, and looked for again", "[master][display]") {
  HostPort nobody;
  {
    FakeDisplay gone;
    nobody = gone.address();
  }
  DisplayRig rig(nobody);
  rig.merge(0);
  REQUIRE(rig.loop.wait_until([&] { return !rig.absent.empty(); }));
  for (int i = 0; i < 3; ++i) {
    rig.loop.on_loop([&] {
      rig.now += seconds(10);
      rig.server->on_tick(rig.now, rig.merged);
      CHECK_FALSE(rig.server->idle());  // it tries again
    });
    CHECK(rig.loop.wait_until([&] { return rig.server->idle(); }));
  }
  CHECK(rig.loop.on_loop([&] { return rig.absent.size(); }) == 1);
}
