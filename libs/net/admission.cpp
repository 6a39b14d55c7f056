#include "net/admission.hpp"

#include <fmt/format.h>

namespace oct {
namespace {

constexpr const char* kCopyKey =
    "copy farm.key of a computer of that farm to the folder of the programs, or give it to --activate FILE";

/// How a server without, or with, a key is called in a refusal: "this master has no farm.key".
std::string us_text(const NetworkAccess& access, const Roles& roles) {
  return access.key ? fmt::format("this {} is farm {}", roles.server, farm_text(access.farm()))
                    : fmt::format("this {} has no farm.key", roles.server);
}

std::optional<Error> refuse_version(const Preamble& us, const Preamble& caller, std::string_view address) {
  if (caller.conversation != Conversation::render || caller.version == us.version) return std::nullopt;
  return Error{ErrorKind::incompatible,
               fmt::format("refused, slave version {}, this master is {}", caller.version, us.version),
               fmt::format("copy this release folder to {}",
                           caller.name.empty() ? std::string(address) : caller.name)};
}

std::optional<Error> refuse_key(const NetworkAccess& access, const Preamble& caller, PreambleWord& word) {
  const Roles roles = roles_of(caller.conversation);
  const bool caller_has_key = caller.word == PreambleWord::tls;
  if (!access.key && !caller_has_key) {
    word = PreambleWord::plain;
    return std::nullopt;
  }
  if (!access.key || !caller_has_key) {
    word = PreambleWord::not_activated;
    const std::string caller_text = caller_has_key ? "farm " + farm_text(caller.farm) : "it has no farm.key";
    return Error{
        ErrorKind::incompatible, fmt::format("refused: {}, {}", caller_text, us_text(access, roles)),
        caller_has_key ? fmt::format("here: {}", kCopyKey) : fmt::format("on that computer: {}", kCopyKey)};
  }
  if (caller.farm != access.farm()) {
    word = PreambleWord::other_farm;
    return Error{ErrorKind::incompatible,
                 fmt::format("refused: farm {}, {}", farm_text(caller.farm), us_text(access, roles)),
                 "computers of one farm share one farm.key"};
  }
  word = PreambleWord::tls;
  return std::nullopt;
}

/// The server's refusals, in the caller's words.
Error not_activated(const NetworkAccess& access, const Preamble& answer, const Roles& roles,
                    const std::string& server) {
  if (access.key) {
    return {
        ErrorKind::incompatible,
        fmt::format("{} has no farm.key, this {} is farm {}", server, roles.caller, farm_text(access.farm())),
        "on that computer: " + std::string(kCopyKey)};
  }
  if (answer.farm != 0) {
    return {ErrorKind::incompatible,
            fmt::format("this computer has no farm.key, {} is farm {}", server, farm_text(answer.farm)),
            kCopyKey};
  }
  return {
      ErrorKind::incompatible, fmt::format("{} has no farm.key: it serves only its own computer", server),
      "octane_master activate, then copy farm.key; or --net-insecure on a network where you trust everyone"};
}

}  // namespace

Roles roles_of(Conversation conversation) {
  return conversation == Conversation::render ? Roles{"slave", "master"} : Roles{"master", "daemon"};
}

FarmRole farm_role_of(Conversation conversation) {
  return conversation == Conversation::render ? FarmRole::render : FarmRole::daemon;
}

Preamble question_of(Preamble base, const NetworkAccess& access) {
  base.word = access.key ? PreambleWord::tls : PreambleWord::plain;
  base.farm = access.farm();
  return base;
}

Admission judge_caller(const NetworkAccess& access, const Preamble& us, const Preamble& caller,
                       std::string_view address) {
  Admission admission{us, std::nullopt};
  admission.answer.farm = access.farm();
  PreambleWord& word = admission.answer.word;
  word = PreambleWord::not_activated;
  if (auto allowed = check_access(access, address); !allowed) {
    admission.refusal = allowed.error();
  } else if (caller.conversation != us.conversation) {
    word = PreambleWord::other_service;
    admission.refusal = {ErrorKind::protocol, "asked for another service than this port's"};
  } else if (auto other_version = refuse_version(us, caller, address)) {
    word = PreambleWord::other_version;
    admission.refusal = std::move(other_version);
  } else {
    admission.refusal = refuse_key(access, caller, word);
  }
  return admission;
}

std::optional<Error> judge_answer(const NetworkAccess& access, const Preamble& question,
                                  const Preamble& answer, const std::string& server) {
  const Roles roles = roles_of(question.conversation);
  switch (answer.word) {
    case PreambleWord::plain:
      if (!access.key) return std::nullopt;
      return Error{
          ErrorKind::protocol,
          fmt::format("{} wants to go on in plain, although this {} has a farm key", server, roles.caller)};
    case PreambleWord::tls:
      if (access.key && answer.farm == access.farm()) return std::nullopt;
      return Error{ErrorKind::protocol, fmt::format("{} answers what it was not asked", server)};
    case PreambleWord::other_version:
      return Error{ErrorKind::incompatible,
                   fmt::format("{} has version {}, this {} is {}", server, answer.version, roles.caller,
                               question.version),
                   "use the same release folder on both computers"};
    case PreambleWord::not_activated: return not_activated(access, answer, roles, server);
    case PreambleWord::other_farm:
      return Error{ErrorKind::incompatible,
                   fmt::format("refused: farm {}, {} is farm {}", farm_text(access.farm()), server,
                               farm_text(answer.farm)),
                   kCopyKey};
    case PreambleWord::other_service: break;
  }
  return Error{ErrorKind::protocol,
               fmt::format("{}: no {} listens there, but another octane program", server, roles.server),
               "check the port"};
}

Error other_key_of_farm(std::uint32_t farm, const std::string& who) {
  return {ErrorKind::incompatible,
          fmt::format("refused: farm {} on both sides, but {} has another key", farm_text(farm), who),
          "octane_master activate --show   on both computers tells whose key is the old one"};
}

}  // namespace oct
