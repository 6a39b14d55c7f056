#include "base/output_names.hpp"

#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace oct;
using oct::test::TempDir;

namespace {

namespace fs = std::filesystem;

struct Files {
  Files() {
    fs::create_directory(folder.file("real"));
    std::ofstream(folder.file("a.png")) << "older";
  }
  Result<void> add_both(const std::string& first, const std::string& second) {
    OutputNames names;
    OCT_TRY(names.add("the report", first));
    return names.add("an output", second);
  }
  TempDir folder;
};

void check_refused(const Result<void>& added, const std::string& first, const std::string& second) {
  REQUIRE_FALSE(added);
  CHECK(added.error().kind == ErrorKind::invalid_input);
  CHECK(added.error().message ==
        first + " and " + second + " are one file: the report and an output would replace each other");
  CHECK_FALSE(added.error().help.empty());
}

}  // namespace

TEST_CASE_METHOD(Files, "two names of one file are told of together", "[base]") {
  const std::string a = folder.file("a.png"), fresh = folder.file("real/b.png");
  const std::string dots = folder.file("real/../a.png"), dots_to_fresh = folder.file("real/./b.png");
  check_refused(add_both(a, dots), a, dots);
  check_refused(add_both(fresh, dots_to_fresh), fresh, dots_to_fresh);
  const auto same = add_both(a, a);
  REQUIRE_FALSE(same);
  CHECK(same.error().message == a + ": the report and an output have this name");
  CHECK(add_both(a, fresh));
}

TEST_CASE("two pictures are two outputs", "[base]") {
  OutputNames names;
  REQUIRE(names.add("an output", "a.png"));
  const auto again = names.add("an output", "./a.png");
  REQUIRE_FALSE(again);
  CHECK(again.error().message == "a.png and ./a.png are one file: two outputs would replace each other");
  CHECK(names.add("the preview", ""));
  CHECK(names.add("the checkpoint", ""));
}

#if !defined(_WIN32)

TEST_CASE_METHOD(Files, "links of every kind lead to one file", "[base]") {
  const std::string a = folder.file("a.png");
  const std::string hard = folder.file("hard.png"), soft = folder.file("soft.png");
  const std::string dangling = folder.file("dangling.png"), fresh = folder.file("real/b.png");
  const std::string through = folder.file("linked/b.png");
  fs::create_hard_link(a, hard);
  fs::create_symlink("a.png", soft);
  fs::create_symlink("real/b.png", dangling);
  fs::create_directory_symlink("real", folder.file("linked"));
  check_refused(add_both(a, hard), a, hard);
  check_refused(add_both(hard, soft), hard, soft);
  check_refused(add_both(fresh, dangling), fresh, dangling);
  check_refused(add_both(fresh, through), fresh, through);
}

TEST_CASE_METHOD(Files, "a device may be shared", "[base]") {
  CHECK(add_both("/dev/null", "/dev/null"));
  fs::create_symlink("/dev/null", folder.file("null"));
  CHECK(add_both("/dev/null", folder.file("null")));
}

#endif
