#include "wire/daemon_messages.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/messages.hpp"

// What makes the daemon conversation outlive upgrades: older and newer programs understand each other.

namespace oct {
namespace {

using Json = nlohmann::ordered_json;
using Any = std::variant<DaemonMessage, UnknownMessage>;

Result<Any> decoded(MessageType type, const Json& json) {
  const auto cbor = Json::to_cbor(json);
  const ByteView view = std::as_bytes(std::span(cbor));
  return decode_daemon_message({type, 0, Bytes(view.begin(), view.end()), {}});
}

template <class Message>
Message read(const Json& json) {
  const auto any = decoded(Message::kType, json);
  REQUIRE(any.has_value());
  return std::get<Message>(std::get<DaemonMessage>(*any));
}

TEST_CASE("a field that an older program does not send keeps its default", "[wire]") {
  const auto occupy = read<OccupyDaemon>({{"nick", "studio@DESK"}});
  CHECK(occupy.nick == "studio@DESK");
  CHECK(occupy.steal == 0);
  CHECK(occupy.dead_ms == 0);
  CHECK(read<DaemonProbe>(Json::object()).spread_ms == kMaxSpreadMs);
  const auto status = read<DaemonStatus>({{"owner", Json::array({{{"nick", "x"}}})}});
  CHECK(status.owner.at(0).port == 0);
  CHECK(status.owner.at(0).age_s == kNoAge);
  CHECK(status.run == 0);
  CHECK(status.cookie.empty());
  CHECK(read<DaemonProbe>(Json::object()).cookie.empty());
}

TEST_CASE("a field that only a newer program knows is left alone, inside lists too", "[wire]") {
  const Json owner = {{"nick", "studio@DESK"}, {"colour", "red"}, {"port", 21000}};
  const auto refused =
      read<OccupyRefused>({{"refusal", 1}, {"mood", {{"a", 1}}}, {"owner", Json::array({owner})}});
  CHECK(refused.refusal == OccupyRefusal::bound_to_other);
  CHECK(refused.owner.at(0).port == 21000);
}

TEST_CASE("an enumerator that only a newer program knows is read as unknown", "[wire]") {
  CHECK(read<DaemonStatus>({{"mode", 200}}).mode == DaemonMode::unknown);
  CHECK(read<SlaveReport>({{"stage", 8}}).stage == SlaveStage::unknown);
  CHECK(read<OccupyRefused>({{"refusal", 1ull << 40}}).refusal == OccupyRefusal::unknown);
  CHECK(read<ControlRequest>({{"wish", 5}}).command == ControlCommand::unknown);
}

TEST_CASE("of a message that only a newer program knows the number is told", "[wire]") {
  for (const unsigned type : {0u, 100u, 121u, 65535u}) {
    const auto any = decoded(static_cast<MessageType>(type), {{"anything", 1}});
    REQUIRE(any.has_value());
    CHECK(std::get<UnknownMessage>(*any).type == type);
  }
  // those of the render conversation are unknown here
  CHECK(std::holds_alternative<UnknownMessage>(decoded(MessageType::slave_hello, Json::object()).value()));
}

TEST_CASE("tolerance ends at nonsense", "[wire]") {
  const auto refuses = [](MessageType type, const Json& json) {
    const auto any = decoded(type, json);
    return !any.has_value() && any.error().kind == ErrorKind::protocol;
  };
  CHECK(refuses(MessageType::occupy_daemon, {{"master_port", 65536}}));
  CHECK(refuses(MessageType::occupy_daemon, {{"nick", 5}}));
  CHECK(refuses(MessageType::occupy_daemon, {{"nick", "a\nb"}}));
  CHECK(refuses(MessageType::steal_daemon, {{"nick", std::string(kMaxNickBytes + 1, 'x')}}));
  CHECK(refuses(MessageType::occupy_refused, {{"owner", Json::array({Json::object(), Json::object()})}}));
  CHECK(refuses(MessageType::describe_daemon, Json::array()));
  CHECK(refuses(MessageType::control_request, {{"minutes", kMaxPauseMinutes + 1}}));
}

}  // namespace
}  // namespace oct
