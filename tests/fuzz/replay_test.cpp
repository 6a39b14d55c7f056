#include <algorithm>

#include "film/contribution_codec.hpp"
#include "fuzz/corpus.hpp"
#include "support/catch.hpp"
#include "support/film_maker.hpp"
#include "support/random.hpp"
#include "support/sample_messages.hpp"
#include "wire/chunk_codec.hpp"
#include "wire/preamble.hpp"

#include "compiled_scene_fuzz.cpp"
#include "daemon_message_fuzz.cpp"
#include "discovery_fuzz.cpp"
#include "document_fuzz.cpp"
#include "film_file_fuzz.cpp"
#include "key_text_fuzz.cpp"
#include "message_fuzz.cpp"
#include "packet_stream_fuzz.cpp"
#include "preamble_fuzz.cpp"
#include "preferences_fuzz.cpp"

namespace oct {
namespace {

struct ByteTarget {
  const char* name;
  void (*run)(ByteView);
};
constexpr ByteTarget kTargets[] = {
    {"compiled_scene", fuzz_compiled_scene},
    {"daemon_message", fuzz_daemon_message},
    {"discovery", fuzz_discovery},
    {"document", fuzz_document},
    {"film_file", fuzz_film_file},
    {"key_text", fuzz_key_text},
    {"message", fuzz_message},
    {"packet_stream", fuzz_packet_stream},
    {"preamble", fuzz_preamble},
    {"preferences", fuzz_preferences},
};

Bytes prefixed(std::initializer_list<std::size_t> prefix, ByteView bytes) {
  Bytes result;
  for (const std::size_t value : prefix) result.push_back(static_cast<std::byte>(value));
  result.insert(result.end(), bytes.begin(), bytes.end());
  return result;
}

/// Good inputs made by the encoders: what mutations start from.
std::vector<Bytes> seeds_of(const ByteTarget& target) {
  std::vector<RenderMessage> messages = test::sample_messages();
  const Bytes content(5000, std::byte{9});
  messages.push_back(pack_chunk(chunk_id_of(content), content, 12, kAllCompressions));
  const RenderSettings settings = a_setting(160, 150, 64);
  const FilmContribution contribution = a_contribution(settings, {5, 0, 2});
  messages.push_back(pack_contributions(3, 10, std::span(&contribution, 1), kAllCompressions).at(0));
  std::vector<Bytes> seeds;
  for (const RenderMessage& message : messages) {
    const Bytes packet = test::encode_any(message);
    const PacketHeader header = read_packet_header(packet).value();
    const ByteView body = ByteView(packet).subspan(kPacketHeaderBytes);
    const std::string_view name = target.name;
    if (name == "document") seeds.push_back(prefixed({}, body.first(header.document_bytes)));
    if (name == "message")
      seeds.push_back(prefixed({header.type, header.document_bytes & 255, header.document_bytes >> 8}, body));
    if (name == "packet_stream") seeds.push_back(prefixed({5}, packet));
  }
  const std::string_view daemon_target = target.name;
  for (const DaemonMessage& message : test::sample_daemon_messages()) {
    const Bytes packet = test::encode_any(message);
    const PacketHeader header = read_packet_header(packet).value();
    const ByteView body = ByteView(packet).subspan(kPacketHeaderBytes);
    if (daemon_target == "daemon_message")
      seeds.push_back(prefixed({header.type, header.document_bytes & 255, header.document_bytes >> 8}, body));
    if (daemon_target == "discovery") seeds.push_back(packet);
  }
  if (daemon_target == "compiled_scene" || daemon_target == "film_file" || daemon_target == "key_text" ||
      daemon_target == "preferences")
    seeds = corpus_of(target.name);
  const auto preamble = encode_preamble({.name = "RENDER1"});
  if (seeds.empty()) seeds.push_back(prefixed({}, preamble));
  return seeds;
}

void mutate(Bytes& bytes, test::Random& random) {
  for (std::uint64_t i = random.between(1, 4); i > 0; --i) {
    const std::size_t at = random.below(bytes.size() + 1);
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const auto byte = static_cast<std::byte>(random.chance(0.3) ? 0xff : random.next());
    switch (random.below(4)) {
      case 0: bytes.insert(place, byte); break;
      case 1: bytes.resize(at); break;
      default:
        if (at < bytes.size()) bytes[at] = byte;
    }
  }
}

TEST_CASE("every decoder survives its corpus and its former crashes", "[fuzz]") {
  for (const ByteTarget& target : kTargets) {
    INFO(target.name);
    const auto inputs = corpus_of(target.name);
    CHECK_FALSE(inputs.empty());
    for (const Bytes& input : inputs) target.run(input);
  }
}

TEST_CASE("every decoder survives mutations of good input", "[fuzz]") {
  const std::uint64_t seed = 99;
  INFO("seed " << seed);
  test::Random random(seed);
  std::size_t runs = 0;
  for (const ByteTarget& target : kTargets) {
    for (const Bytes& good : seeds_of(target)) {
      target.run(good);
      for (int i = 0; i < 400; ++i, ++runs) {
        Bytes bytes = good;
        mutate(bytes, random);
        target.run(bytes);
      }
    }
  }
  CHECK(runs > 10'000);
}

}  // namespace
}  // namespace oct
