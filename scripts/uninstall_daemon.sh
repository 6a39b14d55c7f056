#!/usr/bin/env bash
# Stops the Octane daemon and removes what install_daemon.sh made: the start entry and the firewall's rules. The
# programs stay where they are.
set -euo pipefail

usage="Usage: uninstall_daemon.sh [OPTION...]

  --purge   the stored farm key, too, and the account of a daemon that starts with the computer
  --quiet   asks nothing, prints one line
  --help    prints this

A daemon that starts with the computer is removed as root. Returns 0 done, 2 wrong option, 4 cannot write,
77 more rights needed."

source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
unit=octane_daemon.service
account=octane

stop() {  # code, error, help
  echo "error: $2" >&2
  [ -z "${3:-}" ] || echo "help: $3" >&2
  exit "$1"
}

purge="" quiet=""
for option in "$@"; do
  case $option in
    --purge) purge=yes ;;
    --quiet) quiet=yes ;;
    --help) echo "$usage"; exit 0 ;;
    *) stop 2 "unknown option $option" "uninstall_daemon.sh --help" ;;
  esac
done

config_home=${XDG_CONFIG_HOME:-$HOME/.config}
config=${OCTANE_CONFIG_DIR:-$config_home/octane}
system_unit=/etc/systemd/system/$unit
entries=()
for file in "$system_unit" "$config_home/systemd/user/$unit" "$config_home/autostart/octane_daemon.desktop"; do
  [ ! -e "$file" ] || entries+=("$file")
done

start_line() { sed -n 's/^Exec\(Start\)\{0,1\}=//p' "$1" | head -n 1; }

daemon() {  # the program beside this script: the daemon's conversation is the same in every version
  "$source_folder/octane_daemon" "$@" > /dev/null 2>&1
}

stop_daemon() {  # port
  [ -n "$1" ] && daemon --status --port "$1" || return 0
  daemon --stop --port "$1" || true
  local left=100
  while daemon --status --port "$1" && [ $left -gt 0 ]; do
    left=$((left - 1))
    sleep 0.2
  done
}

remove_entry() {  # file
  local port
  port=$(sed -n 's/.* --port \([0-9]*\).*/\1/p' <<< "$(start_line "$1")")
  ports+=(${port:+"$port"})
  case $1 in
    "$system_unit")
      [ "$(id -u)" = 0 ] || stop 77 "removing a daemon that starts with the computer wants root" "sudo $source_folder/uninstall_daemon.sh"
      systemctl disable --now --quiet "$unit" 2> /dev/null || true
      ;;
    *.service) systemctl --user disable --now --quiet "$unit" 2> /dev/null || true ;;
  esac
  stop_daemon "$port"
  rm -f "$1" 2> /dev/null || stop 4 "$1 cannot be removed"
  # systemctl removes its link itself; without a running systemd it stays.
  rm -f "$(dirname "$1")/default.target.wants/$unit" "$(dirname "$1")/multi-user.target.wants/$unit"
  case $1 in
    "$system_unit") systemctl daemon-reload || true ;;
    *.service) systemctl --user daemon-reload 2> /dev/null || true ;;
  esac
}

remove_rules() {
  local port command
  for port in "${ports[@]}"; do
    command=("$source_folder/open_firewall.sh" daemon --port "$port" --remove --quiet)
    if [ "$(id -u)" != 0 ]; then
      # Without rights nobody can tell whether there are rules; a user who opened none needs no password.
      "$source_folder/open_firewall.sh" --active || continue
      command=(sudo ${quiet:+-n} "${command[@]}")
    fi
    "${command[@]}" || rules_left="${command[*]}"
  done
}

purge_keys() {
  rm -f "$config/farm.key" 2> /dev/null || stop 4 "$config/farm.key cannot be removed"
  if [ "$(id -u)" = 0 ] && getent passwd "$account" > /dev/null; then
    rm -rf "/var/lib/$account"
    userdel "$account" 2> /dev/null || true
  fi
}

if [ -z "$quiet" ] && [ ${#entries[@]} -gt 0 ]; then
  printf 'Remove %s, and the rules of the firewall? [Y/n]: ' "${entries[*]}"
  IFS= read -r answer || { echo; answer=n; }
  case $answer in "" | [yY] | [yY][eE][sS]) ;; *) echo "Nothing was removed."; exit 0 ;; esac
fi

ports=() rules_left=""
for file in ${entries[@]+"${entries[@]}"}; do remove_entry "$file"; done
remove_rules
[ -z "$purge" ] || purge_keys
if [ ${#entries[@]} -eq 0 ]; then
  echo "No octane_daemon is installed for this user"
else
  echo "Removed octane_daemon, port ${ports[*]:-unknown}${purge:+, and the farm key}"
fi
if [ -n "$purge" ] && [ -f "$source_folder/farm.key" ]; then
  echo "A farm.key still lies in $source_folder; delete it with its folder."
fi
[ -z "$rules_left" ] || stop 77 "removing the rules of the firewall wants root" "sudo ${rules_left#sudo }"
