#!/usr/bin/env bash
# Opens this computer's firewall for a daemon, or for a master. Knows firewalld, ufw and nft; where none of
# them is at work, it says so and changes nothing.
set -euo pipefail

usage="Usage: open_firewall.sh daemon|master [OPTION...]

  daemon     48000 (UDP, TCP)
  master     21000-21015 (TCP)
  --port N   instead of 48000, or of 21000-21015
  --remove   closes again, and what earlier releases opened for slaves (48001-48016 TCP)
  --quiet    prints errors alone
  --active   only tells, by its exit code, whether a firewall is at work (without root: whether one may be)
  --help     prints this

Returns 0 done, or nothing to do; 2 wrong option, 4 the firewall refused, 77 more rights needed."

stop() {  # code, error, help
  echo "error: $2" >&2
  [ -z "${3:-}" ] || echo "help: $3" >&2
  exit "$1"
}

who="" port="" remove="" quiet="" active=""
while [ $# -gt 0 ]; do
  case $1 in
    daemon | master) who=$1 ;;
    --port=*) port=${1#*=} ;;
    --port) [ $# -gt 1 ] || stop 2 "--port wants a value"; port=$2; shift ;;
    --remove) remove=yes ;;
    --quiet) quiet=yes ;;
    --active) active=yes ;;
    --help) echo "$usage"; exit 0 ;;
    *) stop 2 "unknown option $1" "open_firewall.sh --help" ;;
  esac
  shift
done

say() { [ -n "$quiet" ] || echo "$1"; }

firewalld_runs() { command -v firewall-cmd > /dev/null && firewall-cmd --state > /dev/null 2>&1; }

ufw_runs() { command -v ufw > /dev/null && grep -qi '^ENABLED=yes' /etc/ufw/ufw.conf 2> /dev/null; }

# "family table chain" of each chain that may refuse incoming packets. Chains of other tables let nothing through that one
# of these drops, so all of them want the rules.
nft_chains() {
  nft list ruleset 2> /dev/null | awk '
    $1 == "table" { table = $2 " " $3; family = $2 }
    $1 == "chain" { chain = $2; hooked = refuses = 0 }
    /hook input/ { hooked = (family == "inet" || family == "ip" || family == "ip6") }
    /policy drop/ || $0 ~ /(^|[ \t])(drop|reject)([ \t]|$)/ { refuses = 1 }
    $1 == "}" && chain != "" { if (hooked && refuses) print table, chain; chain = "" }'
}

nft_may_run() { command -v nft > /dev/null && { [ "$(id -u)" != 0 ] || [ -n "$(nft_chains)" ]; }; }

if [ -n "$active" ]; then
  firewalld_runs || ufw_runs || nft_may_run
  exit
fi

case $who in
  daemon) port=${port:-48000} udp=("$port") tcp=("$port" ${remove:+48001-48016}) ;;
  master) udp=() tcp=("${port:-21000-21015}") ;;
  *) stop 2 "daemon or master must be named" "open_firewall.sh --help" ;;
esac
if [ -n "$port" ]; then
  [[ $port =~ ^[1-9][0-9]{3,4}$ ]] && [ "$port" -ge 1025 ] && [ "$port" -le 65535 ] || stop 2 "port $port is not between 1025 and 65535."
fi
openings=()
for one in ${udp[@]+"${udp[@]}"}; do openings+=("$one/udp"); done
for one in "${tcp[@]}"; do openings+=("$one/tcp"); done

refused() { stop 4 "$1 refused" "$2"; }

with_firewalld() {
  local verb=add opening
  [ -z "$remove" ] || verb=remove
  for opening in "${openings[@]}"; do
    firewall-cmd --quiet --permanent "--$verb-port=$opening" || refused firewalld "firewall-cmd --permanent --$verb-port=$opening"
    firewall-cmd --quiet "--$verb-port=$opening" || refused firewalld "firewall-cmd --$verb-port=$opening"
  done
}

with_ufw() {
  local opening
  for opening in "${openings[@]}"; do
    opening=${opening/-/:}
    if [ -n "$remove" ]; then
      ufw --force delete allow "$opening" > /dev/null || true
    else
      ufw allow "$opening" comment "octane $who" > /dev/null || refused ufw "ufw allow $opening"
    fi
  done
}

nft_rule() { echo "${1#*/} dport ${1%/*} accept comment \"octane $who\""; }

# Rules of nft live until the next start; the files that make them then are people's own.
with_nft() {
  local family table chain opening handles handle
  while read -r family table chain; do
    for opening in "${openings[@]}"; do
      handles=$(nft -a list chain "$family" "$table" "$chain" | awk -v rule="$(nft_rule "$opening")" 'index($0, rule) { print $NF }')
      if [ -n "$remove" ]; then
        for handle in $handles; do nft delete rule "$family" "$table" "$chain" handle "$handle"; done
      elif [ -z "$handles" ]; then
        # shellcheck disable=SC2046  # one word each
        nft insert rule "$family" "$table" "$chain" $(nft_rule "$opening") || refused nft "nft insert rule $family $table $chain $(nft_rule "$opening")"
      fi
    done
  done <<< "$(nft_chains)"
}

[ "$(id -u)" = 0 ] || stop 77 "the firewall is changed by root" "sudo $0 $who${port:+ --port $port}${remove:+ --remove}"
done_word=Opened
[ -z "$remove" ] || done_word=Closed
if firewalld_runs; then
  with_firewalld
  say "$done_word ${openings[*]} in firewalld"
elif ufw_runs; then
  with_ufw
  say "$done_word ${openings[*]} in ufw"
elif command -v nft > /dev/null && [ -n "$(nft_chains)" ]; then
  with_nft
  say "$done_word ${openings[*]} in nft, until the computer starts again."
  if [ -z "$remove" ]; then
    say "To keep it, put into the input chain of /etc/nftables.conf, before what refuses:"
    for opening in "${openings[@]}"; do say "  $(nft_rule "$opening")"; done
  fi
else
  say "No firewall of this computer is at work (looked for firewalld, ufw, nft): nothing to do."
  say "Another firewall must let in: ${openings[*]}"
fi
