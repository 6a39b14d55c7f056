#include <windows.h>
// after windows.h
#include <wtsapi32.h>

#include "computer/input_signs.hpp"

namespace oct {
namespace {

/// Of this session; tick counts begin anew every 49 days.
std::optional<Duration> since_last_input() {
  LASTINPUTINFO last{};
  last.cbSize = sizeof last;
  if (!GetLastInputInfo(&last)) return std::nullopt;
  const DWORD since_ms = static_cast<DWORD>(GetTickCount()) - last.dwTime;
  return milliseconds(since_ms);
}

bool is_service() {
  DWORD session = 0;
  return ProcessIdToSessionId(GetCurrentProcessId(), &session) != 0 && session == 0;
}

/// The beginning of WTSINFOEXW, which not every header has.
struct SessionInfoEx {
  DWORD level;
  DWORD padding;  // what follows holds 64-bit numbers
  ULONG session;
  DWORD state;
  LONG flags;
};
constexpr auto kSessionInfoEx = static_cast<WTS_INFO_CLASS>(25);
constexpr LONG kLocked = 0;

bool is_unlocked(DWORD session) {
  LPWSTR buffer = nullptr;
  DWORD bytes = 0;
  if (!WTSQuerySessionInformationW(WTS_CURRENT_SERVER_HANDLE, session, kSessionInfoEx, &buffer, &bytes))
    return true;
  const auto* info = reinterpret_cast<const SessionInfoEx*>(buffer);
  const bool locked = bytes >= sizeof(SessionInfoEx) && info->level == 1 && info->flags == kLocked;
  WTSFreeMemory(buffer);
  return !locked;
}

/// Services have no input of their own, and no way to ask for a session's: who is logged in and has not locked the screen
/// counts as there.
bool is_somebody_logged_in() {
  PWTS_SESSION_INFOW sessions = nullptr;
  DWORD count = 0;
  if (!WTSEnumerateSessionsW(WTS_CURRENT_SERVER_HANDLE, 0, 1, &sessions, &count)) return true;
  bool found = false;
  for (DWORD i = 0; i < count; ++i)
    found = found || (sessions[i].State == WTSActive && is_unlocked(sessions[i].SessionId));
  WTSFreeMemory(sessions);
  return found;
}

}  // namespace

InputSigns read_input_signs(const std::filesystem::path&) {
  InputSigns signs;
  if (is_service()) {
    signs.is_in_use = is_somebody_logged_in();
    return signs;
  }
  signs.since_last = since_last_input();
  signs.is_blind = !signs.since_last.has_value();
  return signs;
}

}  // namespace oct
