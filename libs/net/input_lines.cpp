#include "net/input_lines.hpp"

#include <array>
#include <mutex>
#include <thread>
#include <utility>

#include "base/line_cutter.hpp"
#include "net/asio_descriptor.hpp"

#if defined(_WIN32)
#include <windows.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace oct {

#if defined(_WIN32)

class InputLines::Impl : public std::enable_shared_from_this<InputLines::Impl> {
 public:
  Impl(EventLoop& loop, InputEvents events) : loop_(&loop), events_(std::move(events)) {}

  /// Nothing ends a read of a pipe from outside, so the thread is left to the end of the program.
  void start() {
    std::thread([self = shared_from_this(), input = GetStdHandle(STD_INPUT_HANDLE)] {
      std::array<char, 256> space;
      LineCutter lines(kLongestLine);
      const auto size = static_cast<DWORD>(space.size());
      DWORD got = 0;
      while (ReadFile(input, space.data(), size, &got, nullptr) && got > 0) {
        lines.add({space.data(), got}, [&](std::string line) {
          self->tell([line = std::move(line)](Impl& impl) { impl.events_.on_line(line); });
        });
      }
      self->tell([](Impl& impl) { impl.events_.on_end(); });
    }).detach();
  }
  void abandon() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
    abandoned_ = true;
  }

 private:
  void tell(std::function<void(Impl&)> event) {
    const std::lock_guard lock(mutex_);
    if (loop_ == nullptr) return;
    loop_->post([self = shared_from_this(), event = std::move(event)] {
      if (!self->abandoned_) event(*self);  // the loop's thread: nobody abandons meanwhile
    });
  }

  std::mutex mutex_;  ///< of loop_
  EventLoop* loop_;
  InputEvents events_;
  bool abandoned_ = false;  ///< the loop's thread alone
};

InputLines::InputLines(EventLoop& loop, InputEvents events)
    : impl_(std::make_shared<Impl>(loop, std::move(events))) {
  impl_->start();
}

#else

class InputLines::Impl : public std::enable_shared_from_this<InputLines::Impl> {
 public:
  Impl(asio::io_context& context, InputEvents events)
      : descriptor_(context), events_(std::move(events)), lines_(kLongestLine) {}

  void start() {
    IoError error;
    const int copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (copy >= 0) descriptor_.assign(copy, error);
    if (copy >= 0 && !error) return read();
    asio::post(descriptor_.get_executor(), [self = shared_from_this()] { self->ended(); });
  }
  void abandon() {
    abandoned_ = true;
    IoError ignored;
    descriptor_.close(ignored);
  }

 private:
  void read() {
    descriptor_.async_read_some(asio::buffer(space_),
                                [self = shared_from_this()](IoError error, std::size_t count) {
                                  error ? self->ended() : self->add(count);
                                });
  }
  void add(std::size_t count) {
    lines_.add({space_.data(), count}, [this](std::string line) {
      if (!abandoned_) events_.on_line(std::move(line));
    });
    if (!abandoned_) read();
  }
  void ended() {
    if (!std::exchange(abandoned_, true)) events_.on_end();
  }

  asio::posix::stream_descriptor descriptor_;
  InputEvents events_;
  LineCutter lines_;
  std::array<char, 256> space_;
  bool abandoned_ = false;
};

InputLines::InputLines(EventLoop& loop, InputEvents events)
    : impl_(std::make_shared<Impl>(loop.context(), std::move(events))) {
  impl_->start();
}

#endif

InputLines::~InputLines() {
  impl_->abandon();
}

}  // namespace oct
