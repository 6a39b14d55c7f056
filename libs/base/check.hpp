#pragma once
#include <string>

namespace oct::detail {

/// Prints where and what failed, and aborts. Any thread.
[[noreturn]] void check_failed(const char* file, int line, const char* expression, const std::string& values);

template <class T>
std::string check_value(const T& value) {
  if constexpr (requires { std::to_string(value); }) {
    return std::to_string(value);
  } else {
    return "?";
  }
}

template <class A, class B>
std::string check_values(const A& a, const B& b) {
  return check_value(a) + " against " + check_value(b);
}

}  // namespace oct::detail

/// For our own mistakes only, always on, never for input: prints the expression and aborts.
#define OCT_CHECK(condition)                                                           \
  do {                                                                                 \
    if (!(condition)) ::oct::detail::check_failed(__FILE__, __LINE__, #condition, {}); \
  } while (false)

/// The same for comparisons; prints both sides.
#define OCT_CHECK_EQ(a, b)                                                    \
  do {                                                                        \
    const auto& oct_a = (a);                                                  \
    const auto& oct_b = (b);                                                  \
    if (!(oct_a == oct_b))                                                    \
      ::oct::detail::check_failed(__FILE__, __LINE__, #a " == " #b,           \
                                  ::oct::detail::check_values(oct_a, oct_b)); \
  } while (false)
