#include "daemon/daemon_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "base/file_lock.hpp"
#include "base/hash.hpp"
#include "base/plain_file.hpp"
#include "daemon/id_lines.hpp"
#include "security/secret.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

constexpr const char* kFileName = "daemon.id";
constexpr const char* kLockName = "daemon.id.lock";
constexpr Duration kLockPatience = seconds(5);
constexpr std::size_t kMostFileBytes = 1 << 20;
constexpr std::size_t kMostComputers = 1024;  // that share a folder; the oldest line goes
constexpr std::size_t kMostCardsKept = 16;    // of one computer

std::string digest_id(const std::string& text) {
  return sha256(std::as_bytes(std::span(text))).hex().substr(0, kDaemonIdBytes);
}

/// Several daemons of one user are told apart by their ports.
std::string id_of_port(const std::string& base, std::uint16_t port) {
  return port == kDaemonPort ? base : digest_id(fmt::format("{}:{}", base, port));
}

Result<std::vector<IdLine>> read_lines(const std::filesystem::path& file) {
  OCT_TRY_ASSIGN(const bool there, is_there(file));
  if (!there) return std::vector<IdLine>();
  OCT_TRY_ASSIGN(const Bytes bytes, read_plain_file(file, kMostFileBytes));
  return id_lines_from_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                            utf8_from_path(file));
}

/// The computer's line, made if there is none. Cards that are new to it are added: it may have got another.
std::string claim(std::vector<IdLine>& lines, const ComputerPrint& computer) {
  auto place = line_of(lines, computer);
  if (!place) {
    if (lines.size() >= kMostComputers) lines.erase(lines.begin());
    lines.push_back({passing_daemon_id(), computer, true});
    return lines.back().id;
  }
  IdLine& line = lines[*place];
  line.claimed = true;
  if (line.computer.machine.empty()) line.computer.machine = computer.machine;
  auto& cards = line.computer.cards;
  for (const std::string& card : computer.cards) {
    if (cards.size() < kMostCardsKept && !std::binary_search(cards.begin(), cards.end(), card))
      cards.insert(std::upper_bound(cards.begin(), cards.end(), card), card);
  }
  return line.id;
}

/// In a folder that cannot be written: from what is there, so that it lasts all the same.
std::string read_only_id(const std::vector<IdLine>& lines, const ComputerPrint& computer) {
  if (const auto place = line_of(lines, computer)) return lines[*place].id;
  return digest_id(
      fmt::format("{} {} {}", lines.front().id, computer.machine, fmt::join(computer.cards, ",")));
}

}  // namespace

Result<std::string> lasting_daemon_id(const std::filesystem::path& folder, std::uint16_t port,
                                      const ComputerPrint& computer) {
  const std::filesystem::path file = folder / kFileName;
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  // Several computers may start at the same time; without a lock each still gets an id of its own.
  const auto lock = FileLock::take(folder / kLockName, kLockPatience);
  OCT_TRY_ASSIGN(std::vector<IdLine> lines, read_lines(file));
  const std::vector<IdLine> former = lines;
  const std::string base = claim(lines, computer);
  if (lines == former) return id_of_port(base, port);
  const std::string text = text_of(lines);
  const auto written = write_file_by_renaming(utf8_from_path(file), std::as_bytes(std::span(text)));
  if (written) return id_of_port(base, port);
  if (former.empty()) return fail(written.error());
  return id_of_port(read_only_id(former, computer), port);
}

std::string passing_daemon_id() {
  std::array<std::uint8_t, kDaemonIdBytes / 2> bytes{};
  fill_random(bytes);
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace oct
