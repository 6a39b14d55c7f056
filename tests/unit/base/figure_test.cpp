#include "base/figure.hpp"

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("a small figure shows two of its digits, whatever its decimals", "[base]") {
  CHECK(figure(61.34, 1) == "61.3");
  CHECK(figure(0.3, 1) == "0.3");
  CHECK(figure(0.05, 1) == "0.1");
  CHECK(figure(0.049, 1) == "0.049");
  CHECK(figure(0.012, 1) == "0.012");
  CHECK(figure(0.012, 3) == "0.012");
  CHECK(figure(0.0012, 3) == "0.0012");
  CHECK(figure(0.000034, 1) == "0.000034");
  CHECK(figure(0, 1) == "0.0");
  CHECK(figure(0, 0) == "0");
  CHECK(figure(1e-300, 1) == "0.000000000000");
}

TEST_CASE("a percentage is rounded down, and 100 only when nothing is missing", "[base]") {
  CHECK(whole_percent(0, 1000) == 0);
  CHECK(whole_percent(9, 1000) == 0);
  CHECK(whole_percent(10, 1000) == 1);
  CHECK(whole_percent(29, 100) == 29);
  CHECK(whole_percent(999, 1000) == 99);
  CHECK(whole_percent(1000, 1000) == 100);
  CHECK(whole_percent(~std::uint64_t{0} - 1, ~std::uint64_t{0}) == 99);
  CHECK(whole_percent(0, 0) == 100);
}
