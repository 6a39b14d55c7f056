#include "daemon/daemon_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/plain_file.hpp"
#include "security/secret.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

constexpr const char* kFileName = "daemon.id";

bool is_id(const std::string& text) {
  return text.size() == kDaemonIdBytes && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<std::string> read_id(const std::filesystem::path& file) {
  OCT_TRY_ASSIGN(const Bytes bytes, read_plain_file(file, 1024));
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  text.erase(text.find_last_not_of(" \r\n") + 1);
  if (is_id(text)) return text;
  return fail(ErrorKind::invalid_input,
              fmt::format("{} holds no id of {} hexadecimal digits", utf8_from_path(file), kDaemonIdBytes),
              "remove the file; a new one is made at the next start");
}

/// Several daemons of one user are told apart by their ports.
std::string id_of_port(const std::string& base, std::uint16_t port) {
  if (port == kDaemonPort) return base;
  const std::string text = fmt::format("{}:{}", base, port);
  return sha256(std::as_bytes(std::span(text))).hex().substr(0, kDaemonIdBytes);
}

}  // namespace

Result<std::string> lasting_daemon_id(const std::filesystem::path& folder, std::uint16_t port) {
  const std::filesystem::path file = folder / kFileName;
  OCT_TRY_ASSIGN(const bool there, is_there(file));
  if (!there) {
    const std::string text = passing_daemon_id() + "\n";
    OCT_TRY(write_file_by_renaming(utf8_from_path(file), std::as_bytes(std::span(text))));
  }
  OCT_TRY_ASSIGN(const std::string base, read_id(file));  // another daemon may have been faster
  return id_of_port(base, port);
}

std::string passing_daemon_id() {
  std::array<std::uint8_t, kDaemonIdBytes / 2> bytes{};
  fill_random(bytes);
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace oct
