#include "common/command_line.hpp"

#include "support/catch.hpp"

using namespace oct;

namespace {

CommandLineSpec a_spec() {
  CommandLineSpec spec;
  spec.program = "octane_test";
  spec.groups = {
      {"Picture",
       {{"-s,--samples N (256)", "samples of each pixel"},
        {"-o,--output-png FILE", "the picture"},
        {"--cam-pos-{x,y} F", "where the camera is"},
        {"--curve linear|filmic", "tone curve"}}},
      {"Devices", {{"-g,--gpu N", "GPUs"}, {"--cpu", "the CPU, too"}, {"-q,--quiet", "say less"}}}};
  spec.refused = {{"--script", "write one around it"}};
  return spec;
}

using Arguments = std::vector<std::string>;

CommandLine parsed(const Arguments& arguments) {
  auto line = CommandLine::parse(a_spec(), arguments);
  REQUIRE(line);
  return *std::move(line);
}

Error refused(const Arguments& arguments) {
  const auto line = CommandLine::parse(a_spec(), arguments);
  REQUIRE_FALSE(line);
  CHECK(line.error().kind == ErrorKind::invalid_input);
  CHECK_FALSE(line.error().help.empty());
  return line.error();
}

}  // namespace

TEST_CASE("a value follows its option behind a blank, an equals sign, or a letter at once",
          "[command_line]") {
  for (const Arguments& arguments : {Arguments{"--samples", "64"}, Arguments{"--samples=64"},
                                     Arguments{"-s", "64"}, Arguments{"-s64"}, Arguments{"-s=64"}})
    CHECK(parsed(arguments).text("samples") == "64");
  CHECK(parsed({"-o/tmp/a b=c.png"}).text("output-png") == "/tmp/a b=c.png");
  CHECK(parsed({"-oshot.png"}).text("output-png") == "shot.png");
  CHECK(parsed({"--output-png=a=b"}).text("output-png") == "a=b");
}

TEST_CASE("a value may begin with a minus, and be long", "[command_line]") {
  CHECK(parsed({"--cam-pos-x", "-5"}).number("cam-pos-x", -10, 10).value() == -5.0);
  CHECK(parsed({"--cam-pos-y=-.5"}).number("cam-pos-y", -10, 10).value() == -0.5);
  CHECK(parsed({"-o", "-odd name"}).text("output-png") == "-odd name");
  const std::string longest(1'000'000, 'a');
  CHECK(parsed({"--output-png=" + longest}).text("output-png") == longest);
  CHECK(parsed({longest}).positional() == Arguments{longest});
}

TEST_CASE("what is not an option is told apart, and all behind two dashes", "[command_line]") {
  const CommandLine line = parsed({"a.obj", "--cpu", "-", "-q", "--", "--cpu", "-x"});
  CHECK(line.positional() == Arguments{"a.obj", "-", "--cpu", "-x"});
  CHECK(line.has("cpu"));
  CHECK(line.has("quiet"));
  CHECK_FALSE(line.has("gpu"));
}

TEST_CASE("the last value counts, and a list has all", "[command_line]") {
  const CommandLine line = parsed({"-g", "0", "--gpu=2,3", "-g4"});
  CHECK(line.text("gpu") == "4");
  CHECK(line.list("gpu") == Arguments{"0", "2", "3", "4"});
}

TEST_CASE("an unknown option names its neighbour", "[command_line]") {
  CHECK(refused({"--smaples", "4"}).help == "did you mean --samples?");
  CHECK(refused({"--smaples=4"}).message == "unknown option --smaples");
  CHECK(refused({"-smaples", "4"}).help == "did you mean --samples?");
  CHECK(refused({"-smaples", "4"}).message == "unknown option -smaples");
  CHECK(refused({"-quiet"}).help == "did you mean --quiet?");
  CHECK(refused({"-gpu", "1"}).help == "did you mean --gpu?");
  CHECK(refused({"-x"}).message == "unknown option -x");
  CHECK(refused({"-5"}).message == "unknown option -5");
  CHECK(refused({"--nothing-of-the-kind"}).help == "octane_test --help lists all options");
  CHECK(refused({"--script"}).help == "write one around it");
}

TEST_CASE("a value that is missing, or too much, is refused with the option's line of help",
          "[command_line]") {
  CHECK(refused({"-s"}).message == "-s needs a value");
  CHECK(refused({"--samples="}).message == "--samples needs a value");
  CHECK(refused({"-s", ""}).message == "--samples needs a value");
  CHECK(refused({"-s="}).message == "--samples needs a value");
  CHECK(refused({"-o", "--cpu"}).message == "-o needs a value, got the option --cpu");
  CHECK(refused({"-o", "-s=4"}).message == "-o needs a value, got the option -s=4");
  CHECK(refused({"--cpu=1"}).message == "--cpu takes no value");
  CHECK(refused({"-q1"}).message == "-q takes no value");
  CHECK(refused({"-s"}).help == "-s,--samples N (256)   samples of each pixel");
}

TEST_CASE("values out of range name what would be right", "[command_line]") {
  const CommandLine line = parsed({"-smany", "--cam-pos-x", "1e400", "--curve=round"});
  const auto samples = line.whole("samples", 1, 9);
  REQUIRE_FALSE(samples);
  CHECK(samples.error().message == "--samples many: must be a whole number from 1 to 9");
  CHECK(samples.error().help == "-s,--samples N (256)   samples of each pixel");
  CHECK_FALSE(line.number("cam-pos-x", -1, 1));
  const auto curve = line.choice("curve", {"linear", "filmic"});
  REQUIRE_FALSE(curve);
  CHECK(curve.error().message == "--curve round: must be one of linear, filmic");
  CHECK(curve.error().help == "--curve linear|filmic   tone curve");
  CHECK(line.whole("gpu", 0, 9).value() == std::nullopt);
}

TEST_CASE("the nearest word is near", "[command_line]") {
  CHECK(nearest("daemon", {"doctor", "daemons"}) == "daemons");
  CHECK(nearest("lsit", {"watch", "list"}) == "list");
  CHECK(nearest("polish", {"watch", "list"}) == std::nullopt);
  CHECK(nearest("x", {}) == std::nullopt);
}
