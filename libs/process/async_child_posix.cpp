#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/line_cutter.hpp"
#include "net/asio_descriptor.hpp"
#include "process/async_child_impl.hpp"
#include "process/child_state.hpp"

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace oct {
namespace {

/// Where the system cannot tell when a child ends (Linux before 5.3).
constexpr Duration kLook = milliseconds(100);
/// Of what a child left behind: somebody else may hold its output open and write for ever.
constexpr int kLastReads = 64;

/// A descriptor that becomes readable when the process ends; -1 = the system has none.
int process_descriptor([[maybe_unused]] pid_t pid) {
#if defined(__linux__) && defined(SYS_pidfd_open)
  return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));  // close-on-exec by itself
#else
  return -1;
#endif
}

}  // namespace

class AsyncChild::SystemImpl final : public Impl, public std::enable_shared_from_this<SystemImpl> {
 public:
  SystemImpl(asio::io_context& context, std::unique_ptr<ChildProcess> child, ChildEvents events)
      : Impl(std::move(child), std::move(events)),
        output_(context),
        end_(context),
        look_(context),
        lines_(kLongestLine) {}

  void start() {
    IoError error;
    output_.assign(std::exchange(child_->state_->output, -1), error);
    if (!error) output_.non_blocking(true, error);
    if (!error) read();
    const int descriptor = process_descriptor(child_->state_->pid);
    IoError end_error;
    if (descriptor >= 0) end_.assign(descriptor, end_error);
    if (descriptor >= 0 && !end_error) return wait_for_end();
    look_for_end();
  }

 private:
  void read() {
    reading_ = true;
    output_.async_read_some(asio::buffer(space_),
                            [self = shared_from_this()](IoError error, std::size_t count) {
                              self->reading_ = false;
                              if (!error) self->add(count);
                              if (self->abandoned()) return;
                              if (self->exit_) return self->finish();
                              if (!error) self->read();
                            });
  }

  void add(std::size_t count) {
    lines_.add({space_.data(), count}, [this](std::string line) { tell_line(std::move(line)); });
  }

  void wait_for_end() {
    end_.async_wait(asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](IoError error) {
      if (!error) self->look();
    });
  }

  void look_for_end() {
    look_.expires_after(kLook);
    look_.async_wait([self = shared_from_this()](IoError error) {
      if (!error) self->look();
    });
  }

  void look() {
    if (abandoned()) return;
    exit_ = child_->state_->look();
    if (!exit_) return end_.is_open() ? wait_for_end() : look_for_end();
    if (!reading_) return finish();
    IoError ignored;
    output_.cancel(ignored);  // what the read in progress brings comes first
  }

  void finish() {
    read_what_is_left();
    stop_watching();
    tell_end(*exit_);
  }

  void read_what_is_left() {
    for (int i = 0; i < kLastReads && output_.is_open() && !abandoned(); ++i) {
      const ssize_t got = ::read(output_.native_handle(), space_.data(), space_.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      add(static_cast<std::size_t>(got));
    }
    lines_.flush([this](std::string line) { tell_line(std::move(line)); });
  }

  void stop_watching() override {
    IoError ignored;
    output_.close(ignored);
    end_.close(ignored);
    look_.cancel();
  }

  asio::posix::stream_descriptor output_, end_;
  asio::steady_timer look_;
  LineCutter lines_;
  std::array<char, 4096> space_;
  std::optional<ChildExit> exit_;
  bool reading_ = false;
};

std::shared_ptr<AsyncChild::Impl> AsyncChild::watch(EventLoop& loop, std::unique_ptr<ChildProcess> child,
                                                    ChildEvents events) {
  auto impl = std::make_shared<SystemImpl>(loop.context(), std::move(child), std::move(events));
  impl->start();
  return impl;
}

}  // namespace oct
