#include "math_reference.hpp"

#include <cmath>
#include <limits>

#if defined(OCT_HAVE_MPFR)
#include <mpfr.h>
#endif

namespace oct {
namespace {

struct Judge {
  std::string_view name;
  long double (*slow)(long double);
  double (*quick)(double);
#if defined(OCT_HAVE_MPFR)
  int (*exact)(mpfr_t, mpfr_srcptr, mpfr_rnd_t);
#endif
};

long double reciprocal(long double x) {
  return 1 / x;
}
double quick_reciprocal(double x) {
  return 1 / x;
}
long double reciprocal_root(long double x) {
  return 1 / std::sqrt(x);
}
double quick_reciprocal_root(double x) {
  return 1 / std::sqrt(x);
}

#if defined(OCT_HAVE_MPFR)
int mpfr_reciprocal(mpfr_t result, mpfr_srcptr x, mpfr_rnd_t mode) {
  return mpfr_ui_div(result, 1, x, mode);
}
int mpfr_reciprocal_root(mpfr_t result, mpfr_srcptr x, mpfr_rnd_t mode) {
  if (mpfr_zero_p(x) != 0)
    return mpfr_reciprocal(result, x, mode);  // mpfr_rec_sqrt(-0) is +inf, against IEEE 754
  return mpfr_rec_sqrt(result, x, mode);
}
#define OCT_JUDGE(name, slow, quick, exact) \
  { name, slow, quick, exact }
#else
#define OCT_JUDGE(name, slow, quick, exact) \
  { name, slow, quick }
#endif

const Judge kJudges[] = {
    OCT_JUDGE("rcp", reciprocal, quick_reciprocal, mpfr_reciprocal),
    OCT_JUDGE("rsqrt", reciprocal_root, quick_reciprocal_root, mpfr_reciprocal_root),
    OCT_JUDGE("sqrt", std::sqrt, std::sqrt, mpfr_sqrt),
    OCT_JUDGE("exp", std::exp, std::exp, mpfr_exp),
    OCT_JUDGE("exp2", std::exp2, std::exp2, mpfr_exp2),
    OCT_JUDGE("log", std::log, std::log, mpfr_log),
    OCT_JUDGE("log2", std::log2, std::log2, mpfr_log2),
    OCT_JUDGE("sin", std::sin, std::sin, mpfr_sin),
    OCT_JUDGE("cos", std::cos, std::cos, mpfr_cos),
    OCT_JUDGE("tan", std::tan, std::tan, mpfr_tan),
    OCT_JUDGE("asin", std::asin, std::asin, mpfr_asin),
    OCT_JUDGE("acos", std::acos, std::acos, mpfr_acos),
};

const Judge* find_judge(std::string_view name) {
  for (const Judge& judge : kJudges)
    if (judge.name == name) return &judge;
  return nullptr;
}

#if defined(OCT_HAVE_MPFR)
/// A 64-bit MPFR number that frees itself.
struct Number {
  mpfr_t value;
  explicit Number(float x) {
    mpfr_init2(value, 64);
    mpfr_set_flt(value, x, MPFR_RNDN);
  }
  ~Number() { mpfr_clear(value); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
};
#endif

}  // namespace

long double reference(std::string_view name, float x) {
  const Judge* judge = find_judge(name);
  if (judge == nullptr) return std::numeric_limits<long double>::quiet_NaN();
#if defined(OCT_HAVE_MPFR)
  thread_local Number argument(0.0f), result(0.0f);
  mpfr_set_flt(argument.value, x, MPFR_RNDN);
  judge->exact(result.value, argument.value, MPFR_RNDN);
  return mpfr_get_ld(result.value, MPFR_RNDN);
#else
  return judge->slow(x);
#endif
}

long double reference(std::string_view name, float x, float y) {
#if defined(OCT_HAVE_MPFR)
  thread_local Number a(0.0f), b(0.0f), result(0.0f);
  mpfr_set_flt(a.value, x, MPFR_RNDN);
  mpfr_set_flt(b.value, y, MPFR_RNDN);
  if (name == "pow") {
    mpfr_pow(result.value, a.value, b.value, MPFR_RNDN);
  } else {
    mpfr_atan2(result.value, b.value, a.value, MPFR_RNDN);
  }
  return mpfr_get_ld(result.value, MPFR_RNDN);
#else
  const long double a = x, b = y;
  return name == "pow" ? std::pow(a, b) : std::atan2(b, a);
#endif
}

double (*quick_reference(std::string_view name))(double) {
  const Judge* judge = find_judge(name);
  return judge == nullptr ? nullptr : judge->quick;
}

bool can_judge_fma() {
#if defined(OCT_HAVE_MPFR) || !defined(_WIN32)
  return true;
#else
  return false;
#endif
}

float reference_fma(float a, float b, float c) {
#if defined(OCT_HAVE_MPFR)
  // 700 bits hold any such product and sum exactly, so only the last step rounds
  thread_local struct Wide {
    mpfr_t value;
    Wide() { mpfr_init2(value, 700); }
    ~Wide() { mpfr_clear(value); }
  } wide;
  const Number x(a), y(b), z(c);
  mpfr_fma(wide.value, x.value, y.value, z.value, MPFR_RNDN);
  return mpfr_get_flt(wide.value, MPFR_RNDN);
#else
  return std::fma(a, b, c);
#endif
}

float largest_judged_angle() {
#if defined(OCT_HAVE_MPFR)
  return std::numeric_limits<float>::max();
#else
  return 1024.0f;
#endif
}

double error_in_ulps(float result, long double truth) {
  constexpr double kWrong = std::numeric_limits<double>::infinity();
  if (std::isnan(truth) || std::isnan(result)) return std::isnan(truth) && std::isnan(result) ? 0 : kWrong;
  if (std::isinf(truth)) return static_cast<long double>(result) == truth ? 0 : kWrong;
  if (std::isinf(result)) {  // right where rounding to nearest overflows
    const bool overflows = std::fabs(truth) >= 0x1.ffffffp+127L;
    return overflows && std::signbit(result) == std::signbit(truth) ? 0 : kWrong;
  }
  int exponent = 0;
  std::frexp(truth, &exponent);
  const long double ulp = truth == 0 || exponent < -125 ? 0x1p-149L : std::ldexp(1.0L, exponent - 24);
  return static_cast<double>(std::fabs(static_cast<long double>(result) - truth) / ulp);
}

}  // namespace oct
