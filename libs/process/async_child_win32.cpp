#include <array>
#include <thread>

#include "base/line_cutter.hpp"
#include "net/asio.hpp"  // before windows.h
#include "process/async_child.hpp"
#include "process/child_state.hpp"

namespace oct {

/// A thread reads its output, then waits for its end, and posts both to the loop.
class AsyncChild::Impl : public std::enable_shared_from_this<AsyncChild::Impl> {
 public:
  Impl(EventLoop& loop, std::unique_ptr<ChildProcess> child, ChildEvents events)
      : loop_(loop), child_(std::move(child)), events_(std::move(events)) {}

  void start() {
    thread_ =
        std::thread([self = shared_from_this(), output = child_->state_->output.get(),
                     process = child_->state_->process.get()] { self->read_until_end(output, process); });
  }

  void say(const std::string& line) { child_->say(line); }
  void ask_to_leave() { child_->ask_to_leave(); }
  void kill() { child_->kill(); }

  /// The end of the job breaks the pipe and with it the thread's wait.
  void abandon() {
    abandoned_ = true;
    child_->kill();
    if (thread_.joinable()) thread_.join();
    child_.reset();
  }

 private:
  void read_until_end(HANDLE output, HANDLE process) {
    std::array<char, 4096> space;
    LineCutter lines(kLongestLine);
    const auto on_line = [this](std::string line) {
      loop_.post([self = shared_from_this(), line = std::move(line)]() mutable {
        if (!self->abandoned_) self->events_.on_line(std::move(line));
      });
    };
    DWORD got = 0;
    while (ReadFile(output, space.data(), static_cast<DWORD>(space.size()), &got, nullptr) && got > 0)
      lines.add({space.data(), got}, on_line);
    lines.flush(on_line);
    WaitForSingleObject(process, INFINITE);
    DWORD code = 0;
    GetExitCodeProcess(process, &code);
    loop_.post([self = shared_from_this(), code] { self->ended(ChildExit{static_cast<int>(code), 0}); });
  }

  void ended(const ChildExit& exit) {
    if (!abandoned_) std::exchange(events_.on_ended, {})(exit);
  }

  EventLoop& loop_;
  std::unique_ptr<ChildProcess> child_;
  ChildEvents events_;
  std::thread thread_;
  bool abandoned_ = false;  ///< the loop's thread alone
};

Result<std::unique_ptr<AsyncChild>> AsyncChild::start(EventLoop& loop, ChildCommand command,
                                                      ChildEvents events) {
  command.errors_too = true;
  OCT_TRY_ASSIGN(auto child, ChildProcess::start(command));
  auto impl = std::make_shared<Impl>(loop, std::move(child), std::move(events));
  impl->start();
  return std::unique_ptr<AsyncChild>(new AsyncChild(std::move(impl)));
}

AsyncChild::AsyncChild(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
AsyncChild::~AsyncChild() {
  impl_->abandon();
}
void AsyncChild::say(const std::string& line) {
  impl_->say(line);
}
void AsyncChild::ask_to_leave() {
  impl_->ask_to_leave();
}
void AsyncChild::kill() {
  impl_->kill();
}

}  // namespace oct
