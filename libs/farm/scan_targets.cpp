#include "farm/scan_targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace oct {
namespace {

constexpr unsigned kLargestSweep = 20;  // prefix length of the largest subnet without a warning

std::optional<ScanSubnet> scan_subnet_of(const Adapter& adapter) {
  const auto address = ipv4_from_text(adapter.address);
  if (!address || adapter.prefix_length > 32) return std::nullopt;
  return ScanSubnet{subnet_of(*address, adapter.prefix_length), adapter.name, adapter.broadcast};
}

void add(std::vector<ScanSubnet>& subnets, const ScanSubnet& subnet) {
  const auto same = [&](const ScanSubnet& other) { return other.subnet == subnet.subnet; };
  if (std::none_of(subnets.begin(), subnets.end(), same)) subnets.push_back(subnet);
}

void add_all_adapters(std::vector<ScanSubnet>& subnets, const std::vector<Adapter>& adapters) {
  const bool any_physical = std::any_of(adapters.begin(), adapters.end(), [](const Adapter& adapter) {
    return adapter.physical && !adapter.loopback;
  });
  for (const Adapter& adapter : adapters) {
    if (adapter.loopback || (any_physical && !adapter.physical)) continue;
    if (const auto subnet = scan_subnet_of(adapter)) add(subnets, *subnet);
  }
}

/// What a user names: an adapter, or addresses.
Result<void> add_named(std::vector<ScanSubnet>& subnets, const std::string& name,
                       const std::vector<Adapter>& adapters) {
  bool found = false;
  for (const Adapter& adapter : adapters) {
    if (adapter.name != name) continue;
    found = true;
    if (const auto subnet = scan_subnet_of(adapter)) add(subnets, *subnet);
  }
  if (found) return {};
  auto subnet = subnet_from_text(name);
  if (!subnet) {
    std::vector<std::string> names;
    for (const Adapter& adapter : adapters) {
      if (std::find(names.begin(), names.end(), adapter.name) == names.end()) names.push_back(adapter.name);
    }
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: is neither a subnet such as 10.0.0.0/24 nor an adapter", name),
                fmt::format("adapters of this computer: {}", fmt::join(names, ", ")));
  }
  for (const Adapter& adapter : adapters) {
    const auto own = scan_subnet_of(adapter);
    if (own && own->subnet == *subnet) {
      add(subnets, *own);
      return {};
    }
  }
  add(subnets, {*subnet, {}, {}});
  return {};
}

std::string size_warning(const Subnet& subnet) {
  return fmt::format(
      "{}: {} addresses take {} s to ask; name a smaller part with --net-subnet, or single "
      "computers with --net-daemon",
      subnet.text(), subnet.host_count(), subnet.host_count() / 250);
}

}  // namespace

std::string HostPort::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

Result<HostPort> host_port_from_text(std::string_view text, std::uint16_t default_port) {
  const auto wrong = [&] {
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: is not an address such as 10.0.0.11, RENDER1 or RENDER1:48010", text));
  };
  std::string_view host = text, port;
  bool has_port = false;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return wrong();
    host = text.substr(1, close - 1);
    has_port = close + 1 < text.size();
    if (has_port && text[close + 1] != ':') return wrong();
    if (has_port) port = text.substr(close + 2);
  } else if (const std::size_t colon = text.find(':');
             colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    has_port = true;
  }
  unsigned number = default_port;
  if (has_port) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size() || number == 0 || number > 65535)
      return wrong();
  }
  if (host.empty() || host.find_first_of(" \t/,") != std::string_view::npos || host.size() > 253)
    return wrong();
  return HostPort{std::string(host), static_cast<std::uint16_t>(number)};
}

bool ScanTargets::contains(Ipv4 address) const {
  return std::any_of(subnets.begin(), subnets.end(),
                     [&](const ScanSubnet& subnet) { return subnet.subnet.contains(address); });
}

std::string ScanTargets::subnets_text() const {
  std::string text;
  for (const ScanSubnet& subnet : subnets) text += (text.empty() ? "" : ", ") + subnet.subnet.text();
  return text.empty() ? "this computer" : text;
}

std::string ScanTargets::text() const {
  std::string text;
  for (const ScanSubnet& subnet : subnets) {
    text += (text.empty() ? "" : ", ") + subnet.subnet.text();
    if (!subnet.adapter.empty()) text += fmt::format(" ({})", subnet.adapter);
  }
  if (text.empty()) text = "this computer";
  return fmt::format("{} port {}", text, port);
}

Result<ScanTargets> scan_targets(const ScanChoice& choice, const std::vector<Adapter>& adapters) {
  ScanTargets targets;
  targets.port = choice.port;
  for (const std::string& name : choice.subnets) OCT_TRY(add_named(targets.subnets, name, adapters));
  if (choice.subnets.empty()) add_all_adapters(targets.subnets, adapters);
  for (const std::string& address : choice.addresses) {
    OCT_TRY_ASSIGN(HostPort host, host_port_from_text(address, choice.port));
    if (std::find(targets.addresses.begin(), targets.addresses.end(), host) == targets.addresses.end())
      targets.addresses.push_back(std::move(host));
  }
  for (const ScanSubnet& subnet : targets.subnets) {
    if (subnet.subnet.prefix_length < kLargestSweep) targets.warnings.push_back(size_warning(subnet.subnet));
  }
  return targets;
}

}  // namespace oct
