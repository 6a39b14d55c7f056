#include <array>
#include <thread>

#include "base/line_cutter.hpp"
#include "net/asio.hpp"  // before windows.h
#include "process/async_child_impl.hpp"
#include "process/child_state.hpp"

namespace oct {

/// A thread reads its output, then waits for its end, and posts both to the loop.
class AsyncChild::SystemImpl final : public Impl, public std::enable_shared_from_this<SystemImpl> {
 public:
  SystemImpl(EventLoop& loop, std::unique_ptr<ChildProcess> child, ChildEvents events)
      : Impl(std::move(child), std::move(events)), loop_(loop) {}

  void start() {
    thread_ =
        std::thread([self = shared_from_this(), output = child_->state_->output.get(),
                     process = child_->state_->process.get()] { self->read_until_end(output, process); });
  }

 private:
  /// The end of the job breaks the pipe and with it the thread's wait.
  void stop_watching() override {
    child_->kill();
    if (thread_.joinable()) thread_.join();
  }

  void read_until_end(HANDLE output, HANDLE process) {
    std::array<char, 4096> space;
    LineCutter lines(kLongestLine);
    const auto on_line = [this](std::string line) {
      loop_.post([self = shared_from_this(), line = std::move(line)]() mutable {
        self->tell_line(std::move(line));
      });
    };
    DWORD got = 0;
    while (ReadFile(output, space.data(), static_cast<DWORD>(space.size()), &got, nullptr) && got > 0)
      lines.add({space.data(), got}, on_line);
    lines.flush(on_line);
    WaitForSingleObject(process, INFINITE);
    DWORD code = 0;
    GetExitCodeProcess(process, &code);
    loop_.post([self = shared_from_this(), code] { self->tell_end(ChildExit{static_cast<int>(code), 0}); });
  }

  EventLoop& loop_;
  std::thread thread_;
};

std::shared_ptr<AsyncChild::Impl> AsyncChild::watch(EventLoop& loop, std::unique_ptr<ChildProcess> child,
                                                    ChildEvents events) {
  auto impl = std::make_shared<SystemImpl>(loop, std::move(child), std::move(events));
  impl->start();
  return impl;
}

}  // namespace oct
