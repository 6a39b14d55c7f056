#include "base/exhaustion.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string_view>

#include "base/console.hpp"
#include "base/exit_code.hpp"
#include "base/process_limits.hpp"

namespace oct {
namespace {

/// Asio has a category of its own for the numbers of the system, which knows no conditions.
bool means(const std::error_code& code, std::errc condition) {
  return code == condition || (std::string_view(code.category().name()) == "asio.system" &&
                               code.value() == static_cast<int>(condition));
}

Error out_of_memory() {
  return {ErrorKind::exhausted, "out of memory",
          "close other programs, or ask for less: a smaller film, fewer textures"};
}

Error out_of_threads() {
  return {ErrorKind::exhausted, "the system has no room for another thread",
          "raise the limits of memory and processes (ulimit -v, -u), or use --threads N"};
}

[[noreturn]] void end_by_current_exception() {
  try {
    if (const auto current = std::current_exception()) std::rethrow_exception(current);
  } catch (const std::exception& error) {
    end_by_exception(error);
  } catch (...) {
    std::abort();
  }
  std::abort();
}

}  // namespace

bool is_out_of_files(const std::error_code& code) {
#if defined(_WIN32)
  constexpr int kTooManySockets = 10024;  // WSAEMFILE
  if (code.value() == kTooManySockets) return true;
#endif
  return means(code, std::errc::too_many_files_open) || means(code, std::errc::too_many_files_open_in_system);
}

bool is_out_of_files(int code) {
  return is_out_of_files(std::error_code(code, std::generic_category()));
}

Error out_of_files(const std::string& what) {
  const auto limit = open_files_limit();
  return {ErrorKind::exhausted,
          fmt::format("{}: too many open files{}", what,
                      limit ? fmt::format(": this process may have {}", *limit) : std::string()),
          "raise the limit of open files (ulimit -n; LimitNOFILE= of a systemd unit)"};
}

Error file_error(ErrorKind kind, const std::string& what, int code) {
  if (is_out_of_files(code)) return out_of_files(what);
  return {kind, fmt::format("{}: {}", what, std::generic_category().message(code)), {}};
}

Error error_of(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) return out_of_memory();
  if (dynamic_cast<const std::length_error*>(&exception) != nullptr) return out_of_memory();
  if (const auto* system = dynamic_cast<const std::system_error*>(&exception)) {
    if (is_out_of_files(system->code())) return out_of_files(system->what());
    if (means(system->code(), std::errc::resource_unavailable_try_again)) return out_of_threads();
    if (means(system->code(), std::errc::not_enough_memory)) return out_of_memory();
  }
  return {ErrorKind::internal, exception.what(), "this is a bug of the program, please report it"};
}

void end_by_exception(const std::exception& exception) {
  const Error error = error_of(exception);
  Console({}).error(error.message, error.help);
  std::_Exit(static_cast<int>(exit_code_of(error.kind)));
}

void end_by_uncaught_exceptions() {
  std::set_terminate(end_by_current_exception);
}

}  // namespace oct
