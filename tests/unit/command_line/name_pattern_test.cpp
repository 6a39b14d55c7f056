#include "common/name_pattern.hpp"

#include <map>

#include "net/address.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

VariableReader with(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  };
}

std::string named(const std::string& pattern, std::map<std::string, std::string> variables) {
  const auto name = name_of_pattern("--name", pattern, with(std::move(variables)));
  return name ? *name : "error: " + name.error().message;
}

}  // namespace

TEST_CASE("a name has the computer and the job in it", "[command_line]") {
  const std::string here = host_name();
  CHECK(named("render %h-%j", {{"SLURM_JOB_ID", "812"}}) == "render " + here + "-812");
  CHECK(named("%h%h", {}) == here + here);
  CHECK(named("100%%j", {}) == "100%j");
  CHECK(named("", {}).empty());
  CHECK(named("plain", {{"SLURM_JOB_ID", "812"}}) == "plain");
}

TEST_CASE("each engine has its own number of a job", "[command_line]") {
  CHECK(named("%j", {{"SLURM_JOB_ID", "803"}, {"SLURM_ARRAY_JOB_ID", "800"}, {"SLURM_ARRAY_TASK_ID", "0"}}) ==
        "800_0");
  CHECK(named("%j", {{"PBS_JOBID", "812[3].server"}}) == "812[3].server");
  CHECK(named("%j", {{"LSB_JOBID", "812"}, {"LSB_JOBINDEX", "0"}}) == "812");
  CHECK(named("%j", {{"LSB_JOBID", "812"}, {"LSB_JOBINDEX", "7"}}) == "812_7");
  CHECK(named("%j", {{"JOB_ID", "812"}, {"SGE_TASK_ID", "undefined"}}) == "812");
  CHECK(named("%j", {{"JOB_ID", "812"}, {"SGE_TASK_ID", "4"}}) == "812_4");
  CHECK(named("%j", {{"PBS_JOBID", "a\x1b[2J\nb"}}) == "a_[2J_b");
  CHECK(named("%j", {{"PBS_JOBID", std::string(1000, 'x')}}).size() == 64);
  const std::string process = named("%j", {});  // without an engine
  CHECK(process.find_first_not_of("0123456789") == std::string::npos);
  CHECK(process == named("%j", {}));
}

TEST_CASE("an unknown letter behind a percent sign is refused", "[command_line]") {
  CHECK(named("a%u", {}) == "error: --name a%u: %u means nothing");
  CHECK(named("a%", {}) == "error: --name a%: a % at its end means nothing");
  CHECK(name_of_pattern("--name", "%x", with({})).error().help ==
        "%h is this computer's name, %j the job's number, %% a percent sign");
}
