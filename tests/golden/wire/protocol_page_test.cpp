#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "support/catch.hpp"
#include "support/messages.hpp"
#include "support/sample_messages.hpp"

namespace oct {
namespace {

std::string page() {
  std::ifstream file("docs/protocol.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Collects the names of fields.
struct FieldNames {
  std::string& text;

  template <class T>
  void operator()(const char* name, const T&, std::uint64_t = 0) const {
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", name);
  }
};

/// Who answers a master: its slave or its daemon.
template <class Message>
std::string row(const char* other) {
  const std::string direction = Message::kDirection == Direction::to_master
                                    ? fmt::format("{} → master", other)
                                : Message::kDirection == Direction::both ? "both ways"
                                                                         : fmt::format("master → {}", other);
  const char* lane = Message::kLane == Lane::control ? "control" : "bulk";
  std::string fields;
  const Message message;
  Message::fields(message, FieldNames{fields});
  std::string payload = "-";
  if constexpr (test::HasPayload<Message>) {
    using Items = std::remove_cvref_t<decltype(message.*Message::kPayload)>;
    payload = fmt::format("{} x {}", Message::kMaxPayloadItems, sizeof(typename Items::value_type));
  }
  return fmt::format("| {} | `{}` | {} | {} | {} | {} |", static_cast<unsigned>(Message::kType),
                     to_string(Message::kType), direction, lane, fields, payload);
}

/// The bytes as the page shows them: 16 a line, offset first.
std::string dump(ByteView bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 16) {
    text += fmt::format("    {:04x} ", i);
    for (const std::byte byte : bytes.subspan(i, std::min<std::size_t>(16, bytes.size() - i)))
      text += fmt::format(" {:02x}", std::to_integer<unsigned>(byte));
    text += '\n';
  }
  return text;
}

TEST_CASE("the table of messages in the page is that of the field lists", "[wire]") {
  const std::string text = page();
  std::size_t rows = 0;
  test::for_each_message([&]<class Message>() {
    INFO(row<Message>("slave"));
    CHECK(text.find(row<Message>("slave")) != std::string::npos);
    ++rows;
  });
  CHECK(rows == std::variant_size_v<RenderMessage>);
  test::for_each_daemon_message([&]<class Message>() {
    INFO(row<Message>("daemon"));
    CHECK(text.find(row<Message>("daemon")) != std::string::npos);
  });
}

TEST_CASE("the worked dump in the page is what the program sends", "[wire]") {
  const auto messages = test::sample_messages();
  const auto& grant = std::get<LeaseGrant>(messages.at(8));
  const std::string expected = dump(encode(grant));
  INFO(expected);
  CHECK(page().find(expected) != std::string::npos);
}

}  // namespace
}  // namespace oct
