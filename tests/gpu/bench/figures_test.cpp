#include "gpu/bench/figures.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using namespace oct::bench;

TEST_CASE("what was measured is told to programs with all its digits", "[gpu_bench]") {
  Figures figures;
  figures.set_circumstances({{"gpu", "a \"fast\" one\\\n"}});
  figures.add("micro", "clock", 1.75, "GHz");
  figures.add("micro", "third", 1.0 / 3, "us");
  figures.leave_out("kitchen, 2048 samples", "no time");
  const auto json = nlohmann::json::parse(figures.json());
  CHECK(json["schema"] == "octane.gpu_check/1");
  CHECK(json["gpu"] == "a \"fast\" one\\\n");
  REQUIRE(json["figures"].size() == 2);
  CHECK(json["figures"][0]["group"] == "micro");
  CHECK(json["figures"][0]["name"] == "clock");
  CHECK(json["figures"][0]["value"] == 1.75);
  CHECK(json["figures"][0]["unit"] == "GHz");
  CHECK(json["figures"][1]["value"].get<double>() == Approx(1.0 / 3).epsilon(1e-8));
  CHECK(json["left_out"][0]["what"] == "kitchen, 2048 samples");
  CHECK(json["left_out"][0]["why"] == "no time");
}

TEST_CASE("a report of nothing is a report", "[gpu_bench]") {
  const auto json = nlohmann::json::parse(Figures().json());
  CHECK(json["figures"].empty());
  CHECK(json["left_out"].empty());
  CHECK(Figures().table().empty());
}

TEST_CASE("figures that are not finite are not kept", "[gpu_bench]") {
  Figures figures;
  figures.add("a", "b", std::numeric_limits<double>::infinity(), "");
  figures.add("a", "c", std::numeric_limits<double>::quiet_NaN(), "");
  CHECK(figures.all().empty());
}

TEST_CASE("the table has a heading for each group", "[gpu_bench]") {
  Figures figures;
  figures.add("micro", "clock", 1.5, "GHz");
  figures.add("micro", "launch", 2, "us");
  figures.add("kitchen", "tree", 300, "ms");
  figures.leave_out("kitchen, 64 samples", "no time");
  const std::string table = figures.table();
  CHECK(table.find("micro\n  clock ") == 0);
  CHECK(table.find("micro", 1) == std::string::npos);
  CHECK(table.find("\n\nkitchen\n  tree ") != std::string::npos);
  CHECK(table.find("300 ms\n") != std::string::npos);
  CHECK(table.find("note: kitchen, 64 samples: left out: no time\n") != std::string::npos);
}
