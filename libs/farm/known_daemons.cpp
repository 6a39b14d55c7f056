#include "farm/known_daemons.hpp"

#include "net/address.hpp"
#include "net/host_port.hpp"

namespace oct {

std::string address_of(const SeenDaemon& daemon, std::uint16_t usual_port) {
  const bool is_usual = daemon.endpoint.port == usual_port;
  return is_usual ? bracketed(daemon.endpoint.address) : daemon.endpoint.text();
}

std::vector<KnownDaemon> known_daemons(const std::string& word, const std::vector<SeenDaemon>& seen,
                                       const std::vector<EnabledDaemon>& enabled, std::uint16_t usual_port) {
  const auto host = host_port_from_text(word, usual_port);
  if (host && numeric_address(host->host)) return {{{}, word}};
  std::vector<KnownDaemon> known;
  for (const SeenDaemon& daemon : seen) {
    if (means(word, daemon)) known.push_back({word, address_of(daemon, usual_port)});
  }
  if (!known.empty()) return known;
  for (const EnabledDaemon& daemon : enabled) {
    if (means(word, daemon)) known.push_back({word, daemon.address});
  }
  if (known.empty()) known.push_back({{}, word});
  return known;
}

}  // namespace oct
