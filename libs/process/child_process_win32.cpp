#include <fmt/format.h>
#include <windows.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "process/child_state.hpp"

namespace oct {
namespace {

std::wstring wide(const std::string& text) {
  const int size = MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), nullptr, 0);
  std::wstring result(static_cast<std::size_t>(size), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), result.data(), size);
  return result;
}

/// The list of the only handles that a child inherits.
class InheritedHandles {
 public:
  explicit InheritedHandles(std::array<HANDLE, 3> handles) : handles_(handles) {
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    memory_.resize(size);
    list_ = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
    made_ = InitializeProcThreadAttributeList(list_, 1, 0, &size);
    good_ = made_ && UpdateProcThreadAttribute(list_, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                                               count() * sizeof(HANDLE), nullptr, nullptr);
  }
  ~InheritedHandles() {
    if (made_) DeleteProcThreadAttributeList(list_);
  }
  InheritedHandles(const InheritedHandles&) = delete;
  InheritedHandles& operator=(const InheritedHandles&) = delete;
  bool good() const { return good_; }
  LPPROC_THREAD_ATTRIBUTE_LIST list() const { return list_; }

 private:
  /// Standard error may be missing (a program without a console), or be the same as standard output.
  std::size_t count() const { return handles_[2] == nullptr ? 2 : 3; }

  std::array<HANDLE, 3> handles_;
  std::vector<char> memory_;
  LPPROC_THREAD_ATTRIBUTE_LIST list_ = nullptr;
  bool made_ = false, good_ = false;
};

/// This program's standard error, as a handle that can be inherited; empty where there is none.
Handle inheritable_error_stream() {
  const HANDLE stream = GetStdHandle(STD_ERROR_HANDLE);
  HANDLE copy = nullptr;
  if (stream == nullptr || stream == INVALID_HANDLE_VALUE) return Handle();
  if (!DuplicateHandle(GetCurrentProcess(), stream, GetCurrentProcess(), &copy, 0, TRUE,
                       DUPLICATE_SAME_ACCESS))
    return Handle();
  return Handle(copy);
}

}  // namespace

ChildProcess::ChildProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const ChildCommand& command) {
  const auto failed = [&] {
    return fail(ErrorKind::unavailable,
                fmt::format("{} cannot be started: {}", command.program,
                            std::system_category().message(static_cast<int>(GetLastError()))));
  };
  SECURITY_ATTRIBUTES inheritable{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
  auto state = std::make_unique<State>();
  Handle child_input, child_output;
  if (!CreatePipe(child_input.put(), state->input.put(), &inheritable, 0) ||
      !CreatePipe(state->output.put(), child_output.put(), &inheritable, 0) ||
      !SetHandleInformation(state->input.get(), HANDLE_FLAG_INHERIT, 0) ||
      !SetHandleInformation(state->output.get(), HANDLE_FLAG_INHERIT, 0)) {
    return failed();
  }
  state->job = Handle(CreateJobObjectW(nullptr, nullptr));
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (!state->job ||
      !SetInformationJobObject(state->job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits)) {
    return failed();
  }
  const Handle own_error = command.errors_too ? Handle() : inheritable_error_stream();
  const HANDLE child_error = command.errors_too ? child_output.get() : own_error.get();
  const InheritedHandles inherited(
      {child_input.get(), child_output.get(), command.errors_too ? nullptr : child_error});
  if (!inherited.good()) return failed();
  STARTUPINFOEXW startup{};
  startup.StartupInfo.cb = sizeof startup;
  startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup.StartupInfo.hStdInput = child_input.get();
  startup.StartupInfo.hStdOutput = child_output.get();
  startup.StartupInfo.hStdError = child_error;
  startup.lpAttributeList = inherited.list();

  std::string line = quoted_for_windows(command.program);
  for (const std::string& argument : command.arguments)
    line += fmt::format(" {}", quoted_for_windows(argument));
  std::wstring wide_line = wide(line);
  PROCESS_INFORMATION process{};
  DWORD flags = EXTENDED_STARTUPINFO_PRESENT | CREATE_SUSPENDED | CREATE_NEW_PROCESS_GROUP;
  if (GetConsoleWindow() == nullptr) flags |= CREATE_NO_WINDOW;  // none of ours, none of its own
  if (!CreateProcessW(wide(command.program).c_str(), wide_line.data(), nullptr, nullptr, TRUE, flags, nullptr,
                      nullptr, &startup.StartupInfo, &process)) {
    return failed();
  }
  state->process = Handle(process.hProcess);
  const Handle thread(process.hThread);
  if (!AssignProcessToJobObject(state->job.get(), process.hProcess)) {
    const auto error = failed();
    TerminateProcess(process.hProcess, 1);
    return error;
  }
  ResumeThread(process.hThread);
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(state)));
}

ChildProcess::~ChildProcess() = default;  // closing the job ends the child

bool ChildProcess::read_output(std::string& output, Duration timeout) {
  const Instant deadline = steady_now() + timeout;
  while (true) {
    DWORD available = 0;
    if (!PeekNamedPipe(state_->output.get(), nullptr, 0, nullptr, &available, nullptr)) return false;
    if (available > 0) break;
    if (steady_now() >= deadline) return true;
    Sleep(2);
  }
  std::array<char, 65536> buffer;
  DWORD got = 0;
  if (!ReadFile(state_->output.get(), buffer.data(), static_cast<DWORD>(buffer.size()), &got, nullptr) ||
      got == 0)
    return false;
  output.append(buffer.data(), got);
  return true;
}

std::optional<ChildExit> ChildProcess::wait(Duration timeout) {
  const auto wait_ms = std::chrono::duration_cast<milliseconds>(timeout).count();
  if (WaitForSingleObject(state_->process.get(),
                          static_cast<DWORD>(std::min<long long>(wait_ms, 1'000'000))) != WAIT_OBJECT_0) {
    return std::nullopt;
  }
  DWORD code = 0;
  GetExitCodeProcess(state_->process.get(), &code);
  return ChildExit{static_cast<int>(code), 0};
}

void ChildProcess::say(const std::string& line) {
  if (!state_->input) return;
  const std::string whole = line + "\n";
  DWORD mode = PIPE_READMODE_BYTE | PIPE_NOWAIT;  // a full pipe takes nothing, and nobody waits
  SetNamedPipeHandleState(state_->input.get(), &mode, nullptr, nullptr);
  DWORD written = 0;
  WriteFile(state_->input.get(), whole.data(), static_cast<DWORD>(whole.size()), &written, nullptr);
}

void ChildProcess::ask_to_leave() {
  state_->input.reset();
}

void ChildProcess::kill() {
  TerminateJobObject(state_->job.get(), 1);
}

}  // namespace oct
