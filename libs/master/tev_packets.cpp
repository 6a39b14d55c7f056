#include "master/tev_packets.hpp"

#include <cstring>
#include <iterator>

#include "base/check.hpp"

namespace oct {
namespace {

enum class TevWord : std::uint8_t { update_image = 3, create_image = 4 };

constexpr const char* kTevChannels[] = {"R", "G", "B"};

class TevPacket {
 public:
  TevPacket(Bytes& out, TevWord word, bool grab_focus) : out_(out), start_(out.size()) {
    add(std::uint32_t{0});  // its size, known at the end
    add(word);
    add(static_cast<std::uint8_t>(grab_focus));
  }
  ~TevPacket() {
    const auto size = static_cast<std::uint32_t>(out_.size() - start_);
    std::memcpy(out_.data() + start_, &size, sizeof size);
  }
  TevPacket(const TevPacket&) = delete;
  TevPacket& operator=(const TevPacket&) = delete;

  template <class T>
  void add(T value) {
    const ByteView bytes = bytes_of_value(value);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void add_text(const std::string& text) {
    for (const char c : text) add(c == '\0' ? '?' : c);
    add('\0');
  }

 private:
  Bytes& out_;
  const std::size_t start_;
};

}  // namespace

Bytes tev_create_image(const std::string& name, std::uint32_t width, std::uint32_t height) {
  Bytes packets;
  {
    TevPacket packet(packets, TevWord::create_image, true);
    packet.add_text(name);
    packet.add(width);
    packet.add(height);
    packet.add(static_cast<std::uint32_t>(std::size(kTevChannels)));
    for (const char* channel : kTevChannels) packet.add_text(channel);
  }
  return packets;
}

void append_tev_update(Bytes& packets, const std::string& name, const TevRect& rect,
                       std::span<const float> rgb) {
  OCT_CHECK_EQ(rgb.size(), std::size_t{rect.width} * rect.height * 3);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    TevPacket packet(packets, TevWord::update_image, false);
    packet.add_text(name);
    packet.add_text(kTevChannels[channel]);
    for (const std::uint32_t number : {rect.x, rect.y, rect.width, rect.height}) packet.add(number);
    for (std::size_t i = channel; i < rgb.size(); i += 3) packet.add(rgb[i]);
  }
}

}  // namespace oct
