#include "net/event_loop.hpp"

#include <csignal>
#include <optional>

#include "net/asio.hpp"

namespace oct {

struct EventLoop::State {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::optional<asio::signal_set> signals;
  std::function<void(int)> on_signal;

  void wait_for_signal() {
    signals->async_wait([this](IoError error, int signal) {
      if (error) return;
      wait_for_signal();
      on_signal(signal);
    });
  }
};

namespace {

/// Shared by the handle and the pending wait, so that either may go first.
struct TimerState : std::enable_shared_from_this<TimerState> {
  TimerState(asio::io_context& context, std::function<void()> what) : timer(context), call(std::move(what)) {}

  void arm(Duration delay, bool again) {
    timer.expires_after(delay);
    timer.async_wait([self = shared_from_this(), delay, again](IoError error) {
      if (error || self->cancelled) return;
      self->call();
      if (again && !self->cancelled) self->arm(delay, again);
    });
  }

  asio::steady_timer timer;
  std::function<void()> call;
  bool cancelled = false;
};

class TimerHandle final : public Timer {
 public:
  TimerHandle(asio::io_context& context, Duration delay, bool again, std::function<void()> call)
      : state_(std::make_shared<TimerState>(context, std::move(call))) {
    state_->arm(delay, again);
  }
  ~TimerHandle() override {
    state_->cancelled = true;
    state_->timer.cancel();
  }

 private:
  std::shared_ptr<TimerState> state_;
};

#if !defined(_WIN32)
/// Whoever started the program did it with nohup: it outlives its terminal.
bool hang_up_is_ignored() {
  struct sigaction action {};
  return ::sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}
#endif

}  // namespace

#if defined(_WIN32)
namespace {

std::function<void()> on_console_end;  // Windows has one handler for the whole process

/// Runs on a thread of the system's. The program is ended when it returns, or after some five seconds: until then the
/// loop's thread writes what is there.
BOOL WINAPI console_handler(DWORD event) {
  if (event != CTRL_CLOSE_EVENT && event != CTRL_LOGOFF_EVENT && event != CTRL_SHUTDOWN_EVENT) return FALSE;
  if (on_console_end) on_console_end();
  Sleep(INFINITE);
  return TRUE;
}

void watch_console(std::function<void()> call) {
  on_console_end = std::move(call);
  SetConsoleCtrlHandler(console_handler, TRUE);
}

}  // namespace
#endif

EventLoop::EventLoop() : state_(std::make_unique<State>()) {}
EventLoop::~EventLoop() {
#if defined(_WIN32)
  on_console_end = nullptr;
#endif
}

void EventLoop::run() {
  state_->context.restart();
  state_->context.run();
}

void EventLoop::stop() {
  state_->context.stop();
}

void EventLoop::post(std::function<void()> call) {
  asio::post(state_->context, std::move(call));
}

std::unique_ptr<Timer> EventLoop::after(Duration delay, std::function<void()> call) {
  return std::make_unique<TimerHandle>(state_->context, delay, false, std::move(call));
}

std::unique_ptr<Timer> EventLoop::every(Duration interval, std::function<void()> call) {
  return std::make_unique<TimerHandle>(state_->context, interval, true, std::move(call));
}

void EventLoop::on_signal(std::function<void(int signal)> call) {
  const bool first = !state_->signals.has_value();
  state_->on_signal = std::move(call);
  if (!first) return;
#if defined(_WIN32)
  state_->signals.emplace(state_->context, SIGINT, SIGTERM, SIGBREAK);
  watch_console([this] { post([this] { state_->on_signal(SIGTERM); }); });
#else
  state_->signals.emplace(state_->context, SIGINT, SIGTERM);
  if (!hang_up_is_ignored()) state_->signals->add(SIGHUP);
#endif
  state_->wait_for_signal();
}

asio::io_context& EventLoop::context() {
  return state_->context;
}

}  // namespace oct
