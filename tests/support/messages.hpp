#pragma once
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "support/random.hpp"
#include "wire/codec.hpp"
#include "wire/messages.hpp"
#include "wire/packet.hpp"

// Messages for tests, made and compared through their field lists: a new field is covered by being listed.

namespace oct::test {

template <class T>
concept HasPayload = requires {
  T::kPayload;
};

/// Fills fields with random values within their limits: often small, often at an end.
class FieldGenerator {
 public:
  explicit FieldGenerator(Random& random) : random_(random) {}

  template <class T>
  void operator()(const char*, T& value) const {
    if constexpr (std::is_unsigned_v<T>) {
      fill(value, std::numeric_limits<T>::max());
    } else if constexpr (std::is_enum_v<T>) {
      fill(value, enum_count(T{}) - 1);
    } else {
      fill(value, kMaxNameBytes);
    }
  }
  template <class T>
  void operator()(const char*, T& value, std::uint64_t limit) const {
    fill(value, limit);
  }

 private:
  std::uint64_t number(std::uint64_t limit) const {
    switch (random_.below(4)) {
      case 0: return 0;
      case 1: return limit;
      case 2: return random_.between(0, std::min<std::uint64_t>(limit, 300));
      default: return random_.between(0, limit);
    }
  }
  template <class T>
  requires(std::is_unsigned_v<T> || std::is_enum_v<T>) void fill(T& value, std::uint64_t limit) const {
    value = static_cast<T>(number(limit));
  }
  void fill(std::string& text, std::uint64_t limit) const {
    static constexpr const char* kCharacters[] = {"a", "Z", "0", " ", "\"", "\\", "é", "ß", "日", "🖥"};
    const std::uint64_t size = std::min<std::uint64_t>(number(limit), 200);
    text.clear();
    while (true) {
      const std::string character = kCharacters[random_.below(std::size(kCharacters))];
      if (text.size() + character.size() > size) return;
      text += character;
    }
  }
  template <class T>
  requires(std::is_same_v<T, Digest> || std::is_same_v<T, ChunkId>) void fill(T& value, std::uint64_t) const {
    for (auto& byte : value.bytes) byte = static_cast<std::uint8_t>(random_.next());
  }
  template <class T>
  void fill(std::vector<T>& values, std::uint64_t limit) const {
    values.resize(random_.chance(0.1) ? limit : random_.below(std::min<std::uint64_t>(limit, 5) + 1));
    for (T& value : values) T::fields(value, *this);
  }

  Random& random_;
};

template <class Message>
Message random_message(Random& random) {
  Message message;
  Message::fields(message, FieldGenerator(random));
  if constexpr (HasPayload<Message>) {
    auto& items = message.*Message::kPayload;
    constexpr std::size_t most = Message::kMaxPayloadItems;
    items.resize(random.chance(0.05) ? most : random.below(std::min<std::size_t>(most, 100) + 1));
    for (auto& item : items) {
      auto* bytes = reinterpret_cast<std::uint8_t*>(&item);
      for (std::size_t i = 0; i < sizeof item; ++i) bytes[i] = static_cast<std::uint8_t>(random.next());
    }
  }
  return message;
}

/// Calls visit.operator()<Message>() for each alternative of a variant of messages.
template <class AnyMessage, class Visit>
void for_each_of(Visit&& visit) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (visit.template operator()<std::variant_alternative_t<I, AnyMessage>>(), ...);
  }
  (std::make_index_sequence<std::variant_size_v<AnyMessage>>());
}

/// Those of the render conversation.
template <class Visit>
void for_each_message(Visit&& visit) {
  for_each_of<RenderMessage>(visit);
}

/// Those of the daemon and control conversations.
template <class Visit>
void for_each_daemon_message(Visit&& visit) {
  for_each_of<DaemonMessage>(visit);
}

/// The one packet in these bytes.
inline Packet one_packet(ByteView bytes) {
  PacketCutter cutter;
  while (!bytes.empty()) {
    const auto space = cutter.space();
    const std::size_t count = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), count);
    cutter.written(count);
    bytes = bytes.subspan(count);
  }
  auto packet = cutter.next();
  OCT_CHECK(packet.has_value() && packet->has_value());
  return std::move(**packet);
}

}  // namespace oct::test
