#include "net/admission.hpp"

#include "support/catch.hpp"

namespace oct {
namespace {

const FarmKey kOurs = FarmKey::generate(), kOther = FarmKey::generate();

NetworkAccess with(const FarmKey& key) {
  return {.key = key};
}

/// What both sides conclude when a caller of `caller` access meets a server of `server` access.
struct Meeting {
  Admission admission;
  std::optional<Error> answer;
};
Meeting meet(const NetworkAccess& caller, const NetworkAccess& server,
             const std::string& address = "10.0.0.7", Preamble base = {.name = "WS-07"}) {
  const Preamble question = question_of(base, caller);
  Meeting meeting{judge_caller(server, {.name = "DESK"}, question, address), std::nullopt};
  meeting.answer = judge_answer(caller, question, meeting.admission.answer, "master 10.0.0.1:21000");
  return meeting;
}

bool has(const std::optional<Error>& error, std::string_view part) {
  return error && error->message.find(part) != std::string::npos;
}

TEST_CASE("the same key goes on encrypted, no key at all in plain on this computer", "[net]") {
  if (has_tls()) {
    const Meeting keyed = meet(with(kOurs), with(kOurs));
    CHECK(keyed.admission.answer.word == PreambleWord::tls);
    CHECK(keyed.admission.answer.farm == kOurs.farm());
    CHECK_FALSE(keyed.admission.refusal);
    CHECK_FALSE(keyed.answer);
  }
  const Meeting local = meet({}, {}, "127.0.0.1");
  CHECK(local.admission.answer.word == PreambleWord::plain);
  CHECK_FALSE(local.admission.refusal);
  CHECK_FALSE(local.answer);
  const Meeting trusting = meet({.insecure = true}, {.insecure = true});
  CHECK(trusting.admission.answer.word == PreambleWord::plain);
  CHECK_FALSE(trusting.answer);
}

TEST_CASE("every mismatch of keys is refused, in words that name both farms", "[net]") {
  if (!has_tls()) return;
  const std::string ours = farm_text(kOurs.farm()), other = farm_text(kOther.farm());
  SECTION("another farm") {
    const Meeting meeting = meet(with(kOther), with(kOurs));
    CHECK(meeting.admission.answer.word == PreambleWord::other_farm);
    REQUIRE(meeting.admission.refusal);
    CHECK(meeting.admission.refusal->message == "refused: farm " + other + ", this master is farm " + ours);
    REQUIRE(meeting.answer);
    CHECK(meeting.answer->message == "refused: farm " + other + ", master 10.0.0.1:21000 is farm " + ours);
    CHECK(meeting.answer->kind == ErrorKind::incompatible);
  }
  SECTION("a caller without a key, trusting or not") {
    for (const bool insecure : {false, true}) {
      const Meeting meeting = meet({.insecure = insecure}, with(kOurs), "127.0.0.1");
      CHECK(meeting.admission.answer.word == PreambleWord::not_activated);
      CHECK(has(meeting.admission.refusal, "refused: it has no farm.key, this master is farm " + ours));
      CHECK(has(meeting.answer, "this computer has no farm.key, master 10.0.0.1:21000 is farm " + ours));
      CHECK(meeting.answer->help.find("--activate FILE") != std::string::npos);
    }
  }
  SECTION("a server without a key, trusting or not") {
    for (const bool insecure : {false, true}) {
      const Meeting meeting = meet(with(kOther), {.insecure = insecure}, "127.0.0.1");
      CHECK(meeting.admission.answer.word == PreambleWord::not_activated);
      CHECK(has(meeting.admission.refusal, "refused: farm " + other + ", this master has no farm.key"));
      CHECK(has(meeting.answer, "has no farm.key, this slave is farm " + other));
    }
  }
  SECTION("nobody has a key, and the address is beyond this computer") {
    const Meeting meeting = meet({.insecure = true}, {});
    CHECK(meeting.admission.answer.word == PreambleWord::not_activated);
    CHECK(has(meeting.admission.refusal, "this computer has no farm.key"));
    CHECK(has(meeting.answer, "serves only its own computer"));
  }
}

TEST_CASE("with a key nobody is talked into plain", "[net]") {
  if (!has_tls()) return;
  for (const bool insecure : {false, true}) {
    const NetworkAccess access{.key = kOurs, .insecure = insecure};
    Preamble question = question_of({}, access);
    CHECK(question.word == PreambleWord::tls);
    Preamble answer;  // plain
    CHECK(has(judge_answer(access, question, answer, "master"),
              "in plain, although this slave has a farm key"));
    answer.farm = kOurs.farm();
    CHECK(judge_answer(access, question, answer, "master"));
    answer.word = PreambleWord::tls;
    CHECK_FALSE(judge_answer(access, question, answer, "master"));
    question.word = PreambleWord::plain;  // somebody changed it on its way
    CHECK(judge_caller(access, {}, question, "127.0.0.1").refusal);
  }
}

TEST_CASE("an answer that fits no question is refused", "[net]") {
  const Preamble question = question_of({}, {});
  CHECK(judge_answer({}, question, {.word = PreambleWord::tls, .farm = 7, .name = ""}, "master"));
  CHECK(has(judge_answer({}, question, {.word = PreambleWord::other_service, .name = ""}, "master X"),
            "no master listens there"));
  CHECK(has(
      judge_answer({}, question, {.version = 7, .word = PreambleWord::other_version, .name = ""}, "master X"),
      "master X has version 7"));
}

TEST_CASE("version and service are told before keys", "[net]") {
  if (!has_tls()) return;
  const Meeting older = meet(with(kOther), with(kOurs), "10.0.0.7", {.version = 999002, .name = "WS-07"});
  CHECK(older.admission.answer.word == PreambleWord::other_version);
  CHECK(has(older.admission.refusal, "slave version 999002"));
  const Meeting lost =
      meet(with(kOther), with(kOurs), "10.0.0.7", {.conversation = Conversation::daemon, .name = ""});
  CHECK(lost.admission.answer.word == PreambleWord::other_service);
}

}  // namespace
}  // namespace oct
