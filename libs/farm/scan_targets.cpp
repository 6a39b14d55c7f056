#include "farm/scan_targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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

bool counts(const Adapter& adapter) {
  return !adapter.loopback && (adapter.physical || adapter.uplink);
}

void add_all_adapters(ScanTargets& targets, const std::vector<Adapter>& adapters) {
  const bool any_counts = std::any_of(adapters.begin(), adapters.end(), [](const Adapter& adapter) {
    return counts(adapter) && !adapter.address.empty();
  });
  for (const Adapter& adapter : adapters) {
    const auto subnet = scan_subnet_of(adapter);
    if (!subnet || adapter.loopback) continue;
    if (!any_counts || counts(adapter)) {
      add(targets.subnets, *subnet);
    } else {
      targets.left_out.push_back({subnet->subnet, adapter.name});
    }
  }
  // Another adapter may be in the same subnet.
  std::erase_if(targets.left_out, [&](const LeftOutSubnet& left) {
    return std::any_of(targets.subnets.begin(), targets.subnets.end(),
                       [&](const ScanSubnet& scanned) { return scanned.subnet == left.subnet; });
  });
}

/// Datagrams of that address leave by no other adapter.
std::vector<Adapter> those_with(const std::string& source, const std::vector<Adapter>& adapters) {
  if (source.empty()) return adapters;
  std::vector<Adapter> with;
  std::copy_if(adapters.begin(), adapters.end(), std::back_inserter(with),
               [&](const Adapter& adapter) { return adapter.address == source; });
  return with;
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

std::string ScanTargets::left_out_text() const {
  std::string text;
  for (const LeftOutSubnet& left : left_out)
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", left.subnet.text(), left.adapter);
  return text;
}

Result<ScanTargets> scan_targets(const ScanChoice& choice, const std::vector<Adapter>& adapters) {
  ScanTargets targets;
  targets.port = choice.port;
  if (!choice.source.empty()) targets.this_computer = choice.source;
  for (const std::string& name : choice.subnets) OCT_TRY(add_named(targets.subnets, name, adapters));
  if (choice.subnets.empty()) add_all_adapters(targets, those_with(choice.source, adapters));
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
