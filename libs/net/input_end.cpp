#include "net/input_end.hpp"

#include <array>
#include <mutex>
#include <thread>

#include "net/asio_descriptor.hpp"

#if defined(_WIN32)
#include <windows.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace oct {

#if defined(_WIN32)

class InputEnd::Impl : public std::enable_shared_from_this<InputEnd::Impl> {
 public:
  Impl(EventLoop& loop, std::function<void()> on_end) : loop_(&loop), on_end_(std::move(on_end)) {}

  /// Nothing ends a read of a pipe from outside, so the thread is left to the end of the program.
  void start() {
    std::thread([self = shared_from_this(), input = GetStdHandle(STD_INPUT_HANDLE)] {
      std::array<char, 256> forgotten;
      const auto size = static_cast<DWORD>(forgotten.size());
      DWORD got = 0;
      while (ReadFile(input, forgotten.data(), size, &got, nullptr) && got > 0) {
      }
      self->tell();
    }).detach();
  }
  void abandon() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
    on_end_ = {};
  }

 private:
  void tell() {
    const std::lock_guard lock(mutex_);
    if (loop_ == nullptr) return;
    loop_->post([self = shared_from_this()] {
      if (self->on_end_) self->on_end_();  // the loop's thread: nobody abandons meanwhile
    });
  }

  std::mutex mutex_;  ///< of loop_
  EventLoop* loop_;
  std::function<void()> on_end_;
};

InputEnd::InputEnd(EventLoop& loop, std::function<void()> on_end)
    : impl_(std::make_shared<Impl>(loop, std::move(on_end))) {
  impl_->start();
}

#else

class InputEnd::Impl : public std::enable_shared_from_this<InputEnd::Impl> {
 public:
  Impl(asio::io_context& context, std::function<void()> on_end)
      : descriptor_(context), on_end_(std::move(on_end)) {}

  void start() {
    IoError error;
    const int copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (copy >= 0) descriptor_.assign(copy, error);
    if (copy >= 0 && !error) return read();
    asio::post(descriptor_.get_executor(), [self = shared_from_this()] { self->ended(); });
  }
  void abandon() {
    on_end_ = {};
    IoError ignored;
    descriptor_.close(ignored);
  }

 private:
  void read() {
    descriptor_.async_read_some(
        asio::buffer(forgotten_),
        [self = shared_from_this()](IoError error, std::size_t) { error ? self->ended() : self->read(); });
  }
  void ended() {
    if (on_end_) std::exchange(on_end_, {})();
  }

  asio::posix::stream_descriptor descriptor_;
  std::function<void()> on_end_;
  std::array<char, 256> forgotten_;
};

InputEnd::InputEnd(EventLoop& loop, std::function<void()> on_end)
    : impl_(std::make_shared<Impl>(loop.context(), std::move(on_end))) {
  impl_->start();
}

#endif

InputEnd::~InputEnd() {
  impl_->abandon();
}

}  // namespace oct
