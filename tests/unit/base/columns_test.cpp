#include "base/columns.hpp"

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("a line is cut between characters", "[base]") {
  CHECK(cut_to_columns("RENDER1", 3) == "REN");
  CHECK(cut_to_columns("RENDER1", 7) == "RENDER1");
  CHECK(cut_to_columns("RENDER1", 80) == "RENDER1");
  CHECK(cut_to_columns("K\xc3\xa4se", 2) == "K\xc3\xa4");
  CHECK(cut_to_columns("K\xc3\xa4se", 0).empty());
}

TEST_CASE("a terminal that became narrower shows a line in several rows", "[base]") {
  CHECK(rows_of("", 80) == 1);
  CHECK(rows_of("12345", 5) == 1);
  CHECK(rows_of("12345", 4) == 2);
  CHECK(rows_of("12345", 1) == 5);
  CHECK(rows_of("12345", 0) == 5);
  CHECK(rows_of("12345\n\n123", 4) == 4);
  CHECK(rows_of("\xc3\xa4\xc3\xa4", 2) == 1);
}
