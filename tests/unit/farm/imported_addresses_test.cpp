#include "farm/imported_addresses.hpp"

#include "support/catch.hpp"

using namespace oct;

namespace {

/// The addresses, each followed by a blank; or the error.
std::string imported(const std::string& text) {
  const auto addresses = imported_addresses(text, "list.json");
  if (!addresses) return addresses.error().message;
  std::string all;
  for (const std::string& address : *addresses) all += address + " ";
  return all;
}

std::string octane(const std::string& entries) {
  return imported("{\"Version\":1,\"AddrList\":[" + entries + "]}");
}

}  // namespace

TEST_CASE("OctaneRender's own list of daemons is imported", "[farm]") {
  CHECK(octane("").empty());
  CHECK(octane(R"("10.0.0.11","10.0.0.12:48010","RENDER3","fd00::11","[fd00::12]:48010")") ==
        "10.0.0.11 10.0.0.12:48010 RENDER3 [fd00::11] [fd00::12]:48010 ");
  CHECK(octane("167772171") == "10.0.0.11 ");
  CHECK(octane("[10,0,0,11]") == "10.0.0.11 ");
  CHECK(octane(R"(["10.0.0.11",48010],[167772172,"48010"])") == "10.0.0.11:48010 10.0.0.12:48010 ");
  CHECK(octane(
            R"({"Address":"10.0.0.11","Port":48010},{"ip":"10.0.0.12"},{"HOST":"RENDER3","port":"48010"})") ==
        "10.0.0.11:48010 10.0.0.12 RENDER3:48010 ");
  CHECK(octane(R"({"ip":"10.0.0.11","port":0})") == "10.0.0.11 ");  // the usual port
  CHECK(octane(R"({"name":"R1","ip":"10.0.0.12","enabled":true},{"addr":"10.0.0.11:48010","port":48010})") ==
        "10.0.0.12 10.0.0.11:48010 ");
  CHECK(imported("\xef\xbb\xbf{\"AddrList\": [\"10.0.0.11\"], \"Version\": 1}\r\n") == "10.0.0.11 ");
  CHECK(imported("{\"AddrList\":[\"10.0.0.11\"]}") == "10.0.0.11 ");
}

TEST_CASE("an entry of OctaneRender's list that is not understood is named", "[farm]") {
  const std::string help = " is not understood; an address such as \"10.0.0.11\" or \"10.0.0.11:48010\" is";
  CHECK(octane(R"("10.0.0.11","a b")") == "list.json, AddrList[1]: \"a b\"" + help);
  CHECK(octane("null") == "list.json, AddrList[0]: null" + help);
  CHECK(octane("-1") == "list.json, AddrList[0]: -1" + help);
  CHECK(octane("4294967296") == "list.json, AddrList[0]: 4294967296" + help);
  CHECK(octane("[10,0,0,256]") == "list.json, AddrList[0]: [10,0,0,256]" + help);
  for (const char* wrong :
       {"[]", "{}", "true", "1.5", "[10,0,0]", R"(["10.0.0.11",70000])", R"({"port":48010})",
        R"({"ip":["a"]})", R"({"ip":"10.0.0.11:48000","port":48010})", R"(["10.0.0.11","48010x"])",
        R"("10.0.0.11:0")", R"([["10.0.0.11",48000],48000])"})
    CHECK(octane(wrong).starts_with("list.json, AddrList[0]: "));
}

TEST_CASE("another version of OctaneRender's list is refused", "[farm]") {
  CHECK(imported(R"({"Version":2,"AddrList":["10.0.0.11"]})") ==
        "list.json, \"Version\": 2 is not known, 1 is");
  CHECK(imported(R"({"Version":"1","AddrList":[]})") == "list.json, \"Version\": \"1\" is not known, 1 is");
  CHECK(imported(R"({"Version":1,"AddrList":{}})") ==
        "list.json, \"AddrList\": must be an array of at most 4096");
  CHECK(imported(R"({"Version":1})") == "list.json, line 1: this is not an octane.daemons/1 document");
  CHECK(imported("{") == "list.json, line 1: this is not a list of daemons");
  CHECK(imported("{\"AddrList\":" + std::string(20000, '[')) ==
        "list.json, line 1: this is not a list of daemons");
}
