#include "wire/codec.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "base/check.hpp"
#include "wire/document.hpp"
#include "wire/text.hpp"

namespace oct {
namespace {

using Json = nlohmann::ordered_json;  // fields keep the order in which they are listed

template <class T>
concept Unsigned = std::is_unsigned_v<T>;
template <class T>
concept Enum = std::is_enum_v<T>;
template <class T>
concept HashLike = std::is_same_v<T, Digest> || std::is_same_v<T, ChunkId>;
template <class T>
concept Text = std::is_same_v<T, std::string>;
template <class T>
concept HasPayload = requires {
  T::kPayload;
};

/// The limit of a field that names none.
template <class T>
constexpr std::uint64_t default_limit() {
  if constexpr (Unsigned<T>) {
    return std::numeric_limits<T>::max();
  } else if constexpr (Enum<T>) {
    return enum_count(T{}) - 1;
  } else {
    return kMaxNameBytes;  // of texts; lists always name their limit
  }
}

// ---- field list -> document

class FieldWriter {
 public:
  explicit FieldWriter(Json& object) : object_(object) { object_ = Json::object(); }

  template <class T>
  void operator()(const char* name, const T& value, std::uint64_t limit = default_limit<T>()) const {
    object_[name] = to_json(value, limit);
  }

 private:
  static Json to_json(const Unsigned auto& value, std::uint64_t limit) {
    OCT_CHECK(value <= limit);
    return Json(std::uint64_t{value});
  }
  static Json to_json(const Enum auto& value, std::uint64_t limit) {
    return to_json(static_cast<std::uint64_t>(value), limit);
  }
  static Json to_json(const Text auto& value, std::uint64_t limit) { return Json(clean_text(value, limit)); }
  static Json to_json(const HashLike auto& value, std::uint64_t) {
    return Json::binary({value.bytes.begin(), value.bytes.end()});
  }
  template <class T>
  static Json to_json(const std::vector<T>& values, std::uint64_t limit) {
    OCT_CHECK(values.size() <= limit);
    Json list = Json::array();
    for (const T& value : values) T::fields(value, FieldWriter(list.emplace_back()));
    return list;
  }

  Json& object_;
};

// ---- document -> field list

/// How a vocabulary treats what it does not know. `growing`: missing fields keep their defaults, others than
/// the listed are ignored, and unknown enumerators are read as 0.
enum class Vocabulary { fixed, growing };

/// Reads the fields of one object. The first error stays, later fields are left alone.
class FieldReader {
 public:
  FieldReader(const Json& object, Vocabulary vocabulary, std::string& error)
      : object_(object), growing_(vocabulary == Vocabulary::growing), error_(error) {
    if (!object.is_object()) set_error("fields are not a map");
  }

  template <class T>
  void operator()(const char* name, T& value, std::uint64_t limit = default_limit<T>()) {
    if (!error_.empty()) return;
    const auto found = object_.find(name);
    if (found == object_.end()) {
      if (!growing_) set_error(fmt::format("{} is missing", name));
      return;
    }
    ++seen_;
    from_json(*found, value, limit);
    if (!error_.empty()) error_ = fmt::format("{}: {}", name, error_);
  }

  /// After all fields: nothing else may be there.
  void finish() {
    if (error_.empty() && !growing_ && seen_ != object_.size()) set_error("there are unknown fields");
  }

 private:
  void set_error(std::string text) { error_ = std::move(text); }

  void from_json(const Json& json, Unsigned auto& value, std::uint64_t limit) {
    if (!json.is_number_unsigned()) return set_error("is not an unsigned number");
    const auto number = json.template get<std::uint64_t>();
    if (number > limit) return set_error(fmt::format("is {}, at most {} is allowed", number, limit));
    value = static_cast<std::remove_reference_t<decltype(value)>>(number);
  }
  template <Enum T>
  void from_json(const Json& json, T& value, std::uint64_t limit) {
    std::uint64_t number = 0;
    from_json(json, number, growing_ ? std::numeric_limits<std::uint64_t>::max() : limit);
    value = static_cast<T>(number <= limit ? number : 0);
  }
  void from_json(const Json& json, Text auto& value, std::uint64_t limit) {
    if (!json.is_string()) return set_error("is not text");
    const auto& text = json.template get_ref<const std::string&>();
    if (text.size() > limit) return set_error(fmt::format("is longer than {} bytes", limit));
    if (!is_clean_text(text)) return set_error("is not clean UTF-8");
    value = text;
  }
  void from_json(const Json& json, HashLike auto& value, std::uint64_t) {
    if (!json.is_binary()) return set_error("is not a byte string");
    const auto& bytes = json.get_binary();
    if (bytes.size() != value.bytes.size()) return set_error("has the wrong length");
    std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
  }
  template <class T>
  void from_json(const Json& json, std::vector<T>& values, std::uint64_t limit) {
    if (!json.is_array()) return set_error("is not a list");
    if (json.size() > limit) return set_error(fmt::format("has more than {} entries", limit));
    values.resize(json.size());
    for (std::size_t i = 0; i < values.size() && error_.empty(); ++i) {
      FieldReader reader(json[i], growing_ ? Vocabulary::growing : Vocabulary::fixed, error_);
      T::fields(values[i], reader);
      reader.finish();
    }
  }

  const Json& object_;
  bool growing_;
  std::string& error_;
  std::size_t seen_ = 0;
};

// ---- field list -> log text

class FieldPrinter {
 public:
  explicit FieldPrinter(std::string& text) : text_(text) {}

  template <class T>
  void operator()(const char* name, const T& value, std::uint64_t = 0) const {
    text_ += fmt::format(" {}={}", name, value_text(value));
  }

 private:
  static std::string value_text(const Unsigned auto& value) { return std::to_string(value); }
  static std::string value_text(const Enum auto& value) {
    if constexpr (requires { to_string(value); }) return to_string(value);
    return std::to_string(static_cast<std::uint64_t>(value));
  }
  static std::string value_text(const Text auto& value) { return fmt::format("\"{}\"", value); }
  static std::string value_text(const HashLike auto& value) { return value.hex().substr(0, 16); }
  template <class T>
  static std::string value_text(const std::vector<T>& values) {
    return fmt::format("[{}]", values.size());
  }

  std::string& text_;
};

// ---- payloads

template <class Message>
ByteView payload_of(const Message& message) {
  if constexpr (HasPayload<Message>) {
    const auto& items = message.*Message::kPayload;
    OCT_CHECK(items.size() <= Message::kMaxPayloadItems);
    return std::as_bytes(std::span(items));
  } else {
    return {};
  }
}

template <class Message>
Result<void> take_payload(Message& message, Bytes payload) {
  if constexpr (HasPayload<Message>) {
    auto& items = message.*Message::kPayload;
    using Item = typename std::remove_reference_t<decltype(items)>::value_type;
    static_assert(std::is_trivially_copyable_v<Item> &&
                  sizeof(Item) * Message::kMaxPayloadItems <= kMaxPayloadBytes);
    if (payload.size() % sizeof(Item) != 0 || payload.size() / sizeof(Item) > Message::kMaxPayloadItems)
      return fail(ErrorKind::protocol, fmt::format("{}: payload of {} bytes does not fit",
                                                   to_string(Message::kType), payload.size()));
    if constexpr (std::is_same_v<Item, std::byte>) {
      items = std::move(payload);
    } else {
      items.resize(payload.size() / sizeof(Item));
      if (!items.empty()) std::memcpy(items.data(), payload.data(), payload.size());
    }
  } else {
    if (!payload.empty())
      return fail(ErrorKind::protocol,
                  fmt::format("{}: payload where none belongs", to_string(Message::kType)));
  }
  return {};
}

// ---- documents

Bytes to_bytes(const Json& json) {
  Bytes bytes;
  const std::vector<std::uint8_t> cbor = Json::to_cbor(json);
  const ByteView view = std::as_bytes(std::span(cbor));
  bytes.assign(view.begin(), view.end());
  return bytes;
}

/// The parsed document. The same content has one encoding only, so whatever does not encode to the same bytes
/// again (numbers in too many bytes, a field twice) is refused.
Result<Json> parse_document(const Bytes& document) {
  OCT_TRY(check_document(document));
  const auto* begin = reinterpret_cast<const std::uint8_t*>(document.data());
  Json json = Json::from_cbor(begin, begin + document.size(), true, false);
  if (json.is_discarded()) return fail(ErrorKind::protocol, "document is not valid CBOR");
  if (to_bytes(json) != document) return fail(ErrorKind::protocol, "document is not in its shortest form");
  return json;
}

template <class Message>
Result<Message> decode_checked(Packet packet, Vocabulary vocabulary) {
  if (packet.type != Message::kType)
    return fail(ErrorKind::protocol,
                fmt::format("{} came in place of {}", to_string(packet.type), to_string(Message::kType)));
  auto json = parse_document(packet.document);
  if (!json)
    return fail(json.error().kind, fmt::format("{}: {}", to_string(Message::kType), json.error().message));
  Message message;
  std::string error;
  FieldReader reader(*json, vocabulary, error);
  Message::fields(message, reader);
  reader.finish();
  if (!error.empty())
    return fail(ErrorKind::protocol, fmt::format("{}: {}", to_string(Message::kType), error));
  OCT_TRY(take_payload(message, std::move(packet.payload)));
  return message;
}

template <class Message>
Result<Message> decode_as(Packet packet, Vocabulary vocabulary) {
  try {
    return decode_checked<Message>(std::move(packet), vocabulary);
  } catch (const std::exception& error) {  // memory; the parser's own surprises
    return fail(ErrorKind::exhausted, fmt::format("{}: {}", to_string(Message::kType), error.what()));
  }
}

/// Tries the alternatives of a variant of messages in turn; nothing when none has the packet's type.
template <class AnyMessage, std::size_t I = 0>
Result<std::optional<AnyMessage>> decode_any(Packet packet, Vocabulary vocabulary) {
  if constexpr (I == std::variant_size_v<AnyMessage>) {
    return std::optional<AnyMessage>();
  } else {
    using Message = std::variant_alternative_t<I, AnyMessage>;
    if (packet.type != Message::kType) return decode_any<AnyMessage, I + 1>(std::move(packet), vocabulary);
    OCT_TRY_ASSIGN(Message message, decode_as<Message>(std::move(packet), vocabulary));
    return std::optional<AnyMessage>(std::move(message));
  }
}

}  // namespace

template <class Message>
Bytes encode(const Message& message, std::uint32_t request_id) {
  Json json;
  Message::fields(message, FieldWriter(json));
  return pack(Message::kType, request_id, to_bytes(json), payload_of(message));
}

template <class Message>
Result<Message> decode(Packet packet) {
  return decode_as<Message>(std::move(packet), Vocabulary::fixed);
}

Result<RenderMessage> decode_render_message(Packet packet) {
  const MessageType type = packet.type;
  OCT_TRY_ASSIGN(auto message, decode_any<RenderMessage>(std::move(packet), Vocabulary::fixed));
  if (!message)
    return fail(ErrorKind::protocol, fmt::format("message of unknown type {}", static_cast<unsigned>(type)));
  return *std::move(message);
}

Result<std::variant<DaemonMessage, UnknownMessage>> decode_daemon_message(Packet packet) {
  using Any = std::variant<DaemonMessage, UnknownMessage>;
  const MessageType type = packet.type;
  OCT_TRY_ASSIGN(auto message, decode_any<DaemonMessage>(std::move(packet), Vocabulary::growing));
  return message ? Any(*std::move(message)) : Any(UnknownMessage{static_cast<std::uint32_t>(type)});
}

template <class Message>
std::string log_text(const Message& message) {
  std::string text = to_string(Message::kType);
  Message::fields(message, FieldPrinter(text));
  if constexpr (HasPayload<Message>)
    text += fmt::format(" payload=[{}]", (message.*Message::kPayload).size());
  return text;
}

#define OCT_INSTANTIATE_CODEC(Message)                  \
  template Bytes encode(const Message&, std::uint32_t); \
  template Result<Message> decode(Packet);              \
  template std::string log_text(const Message&);
OCT_INSTANTIATE_CODEC(SlaveHello)
OCT_INSTANTIATE_CODEC(MasterWelcome)
OCT_INSTANTIATE_CODEC(MasterRefusal)
OCT_INSTANTIATE_CODEC(ManifestPart)
OCT_INSTANTIATE_CODEC(ChunkRequest)
OCT_INSTANTIATE_CODEC(Chunk)
OCT_INSTANTIATE_CODEC(UpdateReport)
OCT_INSTANTIATE_CODEC(DeviceReport)
OCT_INSTANTIATE_CODEC(LeaseGrant)
OCT_INSTANTIATE_CODEC(FilmContributions)
OCT_INSTANTIATE_CODEC(LeaseReturn)
OCT_INSTANTIATE_CODEC(LeaseRecall)
OCT_INSTANTIATE_CODEC(Heartbeat)
OCT_INSTANTIATE_CODEC(Goodbye)
OCT_INSTANTIATE_CODEC(FrameEnd)
OCT_INSTANTIATE_CODEC(DaemonProbe)
OCT_INSTANTIATE_CODEC(DaemonStatus)
OCT_INSTANTIATE_CODEC(DescribeDaemon)
OCT_INSTANTIATE_CODEC(DaemonDescription)
OCT_INSTANTIATE_CODEC(OccupyDaemon)
OCT_INSTANTIATE_CODEC(DaemonOccupied)
OCT_INSTANTIATE_CODEC(OccupyRefused)
OCT_INSTANTIATE_CODEC(ReleaseDaemon)
OCT_INSTANTIATE_CODEC(DaemonReleased)
OCT_INSTANTIATE_CODEC(StealDaemon)
OCT_INSTANTIATE_CODEC(DaemonTaken)
OCT_INSTANTIATE_CODEC(RetryDaemon)
OCT_INSTANTIATE_CODEC(TryReach)
OCT_INSTANTIATE_CODEC(ReachResult)
OCT_INSTANTIATE_CODEC(TestPath)
OCT_INSTANTIATE_CODEC(PathTested)
OCT_INSTANTIATE_CODEC(SlaveReport)
OCT_INSTANTIATE_CODEC(Unsupported)
OCT_INSTANTIATE_CODEC(ControlRequest)
OCT_INSTANTIATE_CODEC(ControlAnswer)
#undef OCT_INSTANTIATE_CODEC

}  // namespace oct
