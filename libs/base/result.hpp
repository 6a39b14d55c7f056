#pragma once
#include <string>
#include <utility>
#include <variant>

#include "base/check.hpp"

namespace oct {

/// Kinds of errors, named by the reaction they ask for.
enum class ErrorKind {
  invalid_input,  ///< tell the user: a file, an option, a value is wrong
  output,         ///< tell the user: something could not be written
  incompatible,   ///< refuse the peer: another version, other kernels, another farm
  protocol,       ///< drop the peer: it broke the protocol
  unavailable,    ///< retry later: nobody there, port in use
  timed_out,      ///< retry later, or drop
  exhausted,      ///< take less: memory, space, limits
  cancelled,      ///< say nothing: somebody asked for it
  internal,       ///< a bug of ours
};

const char* to_string(ErrorKind kind);

/// What went wrong. `message` tells what was tried, on what, and why it failed; `help` what would help, as a
/// command where there is one, and may be empty.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  std::string help = {};
};

/// Wraps an error so that a function returning Result<T> can `return fail(...)`.
struct Unexpected {
  Error error;
};

inline Unexpected fail(ErrorKind kind, std::string message, std::string help = {}) {
  return Unexpected{{kind, std::move(message), std::move(help)}};
}
inline Unexpected fail(Error error) {
  return Unexpected{std::move(error)};
}

/// A value or an Error, shaped like std::expected so that C++23 needs only a `using`.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit
  Result(Unexpected unexpected)
      : state_(std::in_place_index<1>, std::move(unexpected.error)) {}  // NOLINT: implicit

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & {
    OCT_CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    OCT_CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    OCT_CHECK(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() {
    OCT_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  const Error& error() const {
    OCT_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Unexpected unexpected) : failed_(true), error_(std::move(unexpected.error)) {}  // NOLINT: implicit

  bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return has_value(); }
  Error& error() {
    OCT_CHECK(failed_);
    return error_;
  }
  const Error& error() const {
    OCT_CHECK(failed_);
    return error_;
  }

 private:
  bool failed_ = false;
  Error error_;
};

}  // namespace oct

#define OCT_CONCAT_INNER(a, b) a##b
#define OCT_CONCAT(a, b) OCT_CONCAT_INNER(a, b)

/// `OCT_TRY(expression)`: returns its error from this function, if it is one.
#define OCT_TRY(expression)                                                                             \
  do {                                                                                                  \
    if (auto oct_result = (expression); !oct_result) return ::oct::fail(std::move(oct_result.error())); \
  } while (false)

/// `OCT_TRY_ASSIGN(auto name, expression)`: its value, or returns its error from this function.
#define OCT_TRY_ASSIGN(declaration, expression) \
  OCT_TRY_ASSIGN_INNER(OCT_CONCAT(oct_result_, __LINE__), declaration, expression)
#define OCT_TRY_ASSIGN_INNER(result, declaration, expression) \
  auto result = (expression);                                 \
  if (!result) return ::oct::fail(std::move(result.error())); \
  declaration = *std::move(result)
