#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "net/address.hpp"
#include "wire/preamble.hpp"

// Inside net/ only. Pure: what two preambles mean for each side. The rules are docs/security.md's: with a key
// a party never goes on in plain, whatever the other one says.

namespace oct {

/// Who calls whom in a conversation, for people.
struct Roles {
  const char* caller;
  const char* server;
};
Roles roles_of(Conversation conversation);

/// Which of the farm's derived secrets a conversation is encrypted with.
FarmRole farm_role_of(Conversation conversation);

/// What a caller says first.
Preamble question_of(Preamble base, const NetworkAccess& access);

/// What the server answers, and why the caller may not come in; no error = it may, in the way that the word
/// says (plain or tls).
struct Admission {
  Preamble answer;
  std::optional<Error> refusal;
};
Admission judge_caller(const NetworkAccess& access, const Preamble& us, const Preamble& caller,
                       std::string_view address);

/// Why the caller does not go on after this answer; nothing = it does, in the way that the word says.
/// `server` is how people know the other side: "master 10.0.0.103:21000".
std::optional<Error> judge_answer(const NetworkAccess& access, const Preamble& question,
                                  const Preamble& answer, const std::string& server);

/// Equal short names, but the key itself did not fit.
Error other_key_of_farm(std::uint32_t farm, const std::string& who);

}  // namespace oct
