#!/usr/bin/env bash
# Installs the Octane daemon that lies beside this script, so that it starts at every login or with the computer.
# docs/operations.md tells the whole story; `install_daemon.sh --help` the options.
set -euo pipefail

usage="Usage: install_daemon.sh [OPTION...]     asks what is not given; RETURN keeps what stands in brackets

  --port N         port the daemon listens to for master requests (48000)
  --gpu LIST       GPUs its slave may use: all, or numbers such as 0,1 (all)
  --name NAME      name shown to masters (the computer's)
  --idle-only MINUTES  lends the computer only after so long without keyboard and mouse
  --hours FROM-TO  lends it only at these times of the day, for example 19-07
  --key-file FILE  takes the farm key from this file
  --firewall       opens the firewall
  --to FOLDER      copies the programs there first, and runs them from there
  --boot           starts with the computer, as an account of its own (as root)
  --linger         keeps a daemon that starts at login alive without a login
  --start          starts the daemon now
  --force          does not wait until a running daemon is free
  --quiet          asks nothing, takes defaults, prints one line
  --help           prints this

Returns 0 done, 2 wrong option, 3 programs missing, 4 cannot write, 6 port in use, 8 key missing or wrong,
77 more rights needed, 1 anything else."

source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
unit=octane_daemon.service
account=octane

stop() {  # code, error, help
  echo "error: $2" >&2
  [ -z "${3:-}" ] || echo "help: $3" >&2
  exit "$1"
}

# ---------------------------------------------------------------------------------------------------- options

port="" gpus="" name="" idle_only="" hours="" key_file="" folder="" boot="" linger="" start="" force="" quiet="" firewall=""
given=("$@")

read_options() {
  local option value
  while [ $# -gt 0 ]; do
    option=$1
    shift
    case $option in
      --port=* | --gpu=* | --name=* | --idle-only=* | --hours=* | --key-file=* | --to=*) value=${option#*=} option=${option%%=*} ;;
      --port | --gpu | --name | --idle-only | --hours | --key-file | --to)
        [ $# -gt 0 ] || stop 2 "$option wants a value" "install_daemon.sh --help"
        value=$1
        shift
        ;;
    esac
    case $option in
      --port) port=$value ;;
      --gpu) gpus=$value ;;
      --name) name=$value ;;
      --idle-only) idle_only=$value ;;
      --hours) hours=$value ;;
      --key-file) key_file=$value ;;
      --to) folder=$value ;;
      --boot) boot=yes ;;
      --linger) linger=yes ;;
      --start) start=yes ;;
      --force) force=yes ;;
      --quiet) quiet=yes ;;
      --firewall) firewall=yes ;;
      --help) echo "$usage"; exit 0 ;;
      *) stop 2 "unknown option $option" "install_daemon.sh --help" ;;
    esac
  done
}

# Each check prints why a value cannot be used, or nothing.
port_fault() {
  [[ $1 =~ ^[1-9][0-9]{3,4}$ ]] && [ "$1" -ge 1025 ] && [ "$1" -le 65535 ] ||
    { echo "Port $1 is not between 1025 and 65535."; return; }
  [ "$1" = "$former_port" ] || daemon_answers "$1" || ! port_in_use "$1" || echo "Port $1 is in use by another program."
}

gpus_fault() {
  [ "$1" != all ] || return 0
  [[ $1 =~ ^[0-9]{1,3}(,[0-9]{1,3})*$ ]] || { echo "\"$1\" is neither \"all\" nor numbers such as 0,1."; return; }
  local number
  for number in ${1//,/ }; do
    grep -q "^GPU $number " <<< "$devices" || { echo "There is no GPU $number; this computer has ${device_line}."; return; }
  done
}

name_fault() {
  [ -n "$1" ] && [ ${#1} -le 60 ] && ! [[ $1 =~ [[:cntrl:]\"\'%!^\<\>\|\`\$\\] ]] ||
    echo "The name must have 1 to 60 letters, none of them a quote or one that command lines read as a command."
}

idle_only_fault() {
  [[ $1 =~ ^[1-9][0-9]{0,3}$ ]] || echo "--idle-only $1: must be minutes, from 1 to 9999."
}

hours_fault() {
  [[ $1 =~ ^[0-9]{1,2}(:[0-5][0-9])?-[0-9]{1,2}(:[0-5][0-9])?$ ]] || echo "--hours $1: must be FROM-TO, for example 19-07 or 7:30-12."
}

port_in_use() {  # also by a socket of another user
  local hex
  hex=$(printf '%04X' "$1")
  cat /proc/net/tcp /proc/net/tcp6 2> /dev/null | awk -v p=":$hex" '$4 == "0A" && substr($2, length($2) - 4) == p { found = 1 }
    END { exit !found }' ||
    cat /proc/net/udp /proc/net/udp6 2> /dev/null | awk -v p=":$hex" 'substr($2, length($2) - 4) == p { found = 1 } END { exit !found }'
}

# ---------------------------------------------------------------------------------------- what is there already

daemon_answers() { "$source_folder/octane_daemon" --status --port "$1" > /dev/null 2>&1; }

daemon_state() {
  "$source_folder/octane_daemon" --status --port "$1" 2> /dev/null | awk -F '[: ]+' '$1 == "State" { print $2; exit }'
}

have_systemd() {
  if [ -n "$boot" ]; then
    [ -d /run/systemd/system ]
  else
    systemctl --user show-environment > /dev/null 2>&1
  fi
}

control() { if [ -n "$boot" ]; then systemctl "$@"; else systemctl --user "$@"; fi; }

# Where things go; the key and the daemon's own files lie in the configuration folder.
choose_places() {
  config_home=${XDG_CONFIG_HOME:-$HOME/.config}
  autostart_file=$config_home/autostart/octane_daemon.desktop
  user_unit=$config_home/systemd/user/$unit
  system_unit=/etc/systemd/system/$unit
  config=${OCTANE_CONFIG_DIR:-$config_home/octane}
  entry=$user_unit kind=user
  if [ -n "$boot" ]; then
    config=/var/lib/$account entry=$system_unit kind=system
  elif ! have_systemd; then
    entry=$autostart_file kind=autostart
  fi
}

# The former start line gives the defaults; what people added behind the name stays.
read_former_entry() {
  former_port="" more=""
  local file line=""
  for file in "$entry" "$user_unit" "$autostart_file"; do
    [ -n "$line" ] || ! [ -r "$file" ] || line=$(sed -n 's/^Exec\(Start\)\{0,1\}=//p' "$file" | head -n 1)
  done
  [ -n "$line" ] || return 0
  former_port=$(sed -n 's/.* --port \([0-9]*\).*/\1/p' <<< "$line")
  [ -n "$port" ] || port=$former_port
  [ -n "$gpus" ] || gpus=$(sed -n 's/.* -g \([0-9,]*\) --name .*/\1/p' <<< "$line")
  [ -n "$name" ] || name=$(sed -n 's/.* --name "\([^"]*\)".*/\1/p' <<< "$line")
  more=$(sed -n 's/.* --name "[^"]*"//p' <<< "$line" | sed 's/ --log-file "[^"]*octane_daemon.log"//')
}

# When it lends: what is given takes the place of what stood there.
set_lending() {
  [ -z "$idle_only" ] || more="$(sed 's/ --idle-only[ =][^ ]*//g' <<< "$more") --idle-only $idle_only"
  [ -z "$hours" ] || more="$(sed 's/ --hours[ =][^ ]*//g' <<< "$more") --hours $hours"
}

# The short name of the farm whose key counts with the configuration folder $1; empty without a key.
farm_of() {
  OCTANE_CONFIG_DIR=$1 "$source_folder/octane_master" activate --show 2> /dev/null |
    awk '$1 == "Farm" && $2 != "key" { print $2; exit }' || true
}

# Reads a key without storing it: sets farm, or prints why not and fails.
try_key() {  # a file, or the key itself
  local trial words
  trial=$(mktemp -d)
  if [ -f "$1" ] || [[ $1 != OCT1-* ]]; then
    words=$(OCTANE_CONFIG_DIR=$trial "$source_folder/octane_daemon" --activate "$1" 2>&1 < /dev/null) || words=${words:-$1: not a farm key}
  else
    words=$(OCTANE_CONFIG_DIR=$trial "$source_folder/octane_daemon" --activate - 2>&1 <<< "$1") || words=${words:-not a farm key}
  fi
  farm=""
  [ ! -f "$trial/farm.key" ] || farm=$(farm_of "$trial")
  rm -rf "$trial"
  [ -n "$farm" ] || { sed -n 's/^error: //p' <<< "$words" | grep . || echo "$1 holds no farm key."; return 1; }
}

find_key() {
  farm=$(farm_of "$config")
  key_text=none
  [ -z "$farm" ] || key_text="farm $farm, from ${config/#$HOME/\~}"
  if [ -n "$farm" ] && [ ! -f "$config/farm.key" ]; then
    key_text="farm $farm, from this folder"
    # Programs that move away from this folder take its key along.
    [ -z "$boot" ] && [ "$folder" = "$source_folder" ] || key=$source_folder/farm.key
  fi
}

# -------------------------------------------------------------------------------------------------- questions

ask() {  # question, default: sets answer
  printf '%s [%s]: ' "$1" "$2"
  IFS= read -r answer || { echo; stop 2 "the questions were not answered to the end; nothing was installed"; }
  answer=${answer:-$2}
}

ask_checked() {  # question, default, name of the check: sets answer
  local fault
  while :; do
    ask "$1" "$2"
    fault=$("$3" "$answer")
    [ -n "$fault" ] || return 0
    echo "$fault"
  done
}

ask_yes() {  # question, yes or empty as default; fails on no
  local shown=Y/n
  [ -n "$2" ] || shown=y/N
  while :; do
    ask "$1" "$shown"
    case $answer in
      Y/n | [yY] | [yY][eE][sS]) return 0 ;;
      y/N | [nN] | [nN][oO]) return 1 ;;
    esac
    echo "Please answer y or n."
  done
}

ask_key() {
  local fault
  while :; do
    ask "Farm key" "$key_text"
    [ "$answer" != "$key_text" ] || return 0
    answer=${answer/#\~\//$HOME/}
    if fault=$(try_key "$answer"); then
      key=$answer
      try_key "$answer" > /dev/null
      key_text="farm $farm"
      return 0
    fi
    echo "$fault"
  done
}

# Nothing is asked of it: few computers need it, and the start line shows it.
tell_lending() {
  local when
  when=$(sed -n 's/.* --idle-only[ =]\([0-9]*\).*/ after \1 min without keyboard and mouse/p' <<< "$more")
  when+=$(sed -n 's/.* --hours[ =]\([0-9:-]*\).*/ at \1/p' <<< "$more")
  echo "It lends this computer${when:- at any time}; --idle-only MINUTES and --hours FROM-TO of this script say when."
}

ask_everything() {
  firewall=${firewall:-yes}
  while :; do
    ask_checked "Port the daemon listens to for master requests" "$port" port_fault
    port=$answer
    ask_checked "GPUs its slave may use: all, or numbers such as 0,1" "$gpus" gpus_fault
    gpus=$answer
    ask_checked "Name shown to masters" "$name" name_fault
    name=$answer
    ask_key
    local permission=""
    [ "$(id -u)" = 0 ] || permission=" sudo may ask for a password."
    if ask_yes "Open the firewall for $port (UDP, TCP)?$permission" "$firewall"; then firewall=yes; else firewall=""; fi
    ask_yes "Port $port, GPUs $gpus, name $name, farm ${farm:-none}, firewall ${firewall:+opened}${firewall:-unchanged}. Right?" yes && return 0
  done
}

# ------------------------------------------------------------------------------------------------------ doing

systemd_word() { printf '"%s"' "${1//%/%%}"; }  # quotes for the program of a unit, in which nothing else is expanded

desktop_word() {  # quotes for a desktop entry: an argument's escapes, then those of a string
  local word=${1//\\/\\\\\\\\}
  word=${word//\"/\\\\\"}
  word=${word//\`/\\\\\`}
  word=${word//\$/\\\\\$}
  printf '"%s"' "${word//%/%%}"
}

start_line() {  # name of the quoting function
  local line
  line="$("$1" "$folder/octane_daemon") --port $port"
  [ "$gpus" = all ] || line+=" -g $gpus"
  line+=" --name \"$name\""
  [ "$kind" != autostart ] || line+=" --log-file $("$1" "$log_file")"
  printf '%s' "$line$more"
}

unit_text() {
  cat << END
[Unit]
Description=Octane daemon, port $port
StartLimitIntervalSec=0
END
  [ $kind = user ] || printf '%s\n' "Wants=network-online.target" "After=network-online.target"
  cat << END

[Service]
# The daemon has no other settings: this line shows everything and may be edited.
ExecStart=$(start_line systemd_word)
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2 7 8
KillMode=mixed
TimeoutStopSec=20
# A slave that used up the memory must not take its daemon along.
OOMPolicy=continue
LimitCORE=0
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
END
  if [ $kind = user ]; then
    printf '\n[Install]\nWantedBy=default.target\n'
    return
  fi
  # Without a graphical session the driver's device files may be missing; the account itself may not make them.
  local helper
  ! helper=$(command -v nvidia-modprobe) || echo "ExecStartPre=+-$helper -c 0 -u"
  cat << END
User=$account
Group=$account
SupplementaryGroups=$groups
StateDirectory=$account
StateDirectoryMode=0700
Environment=OCTANE_CONFIG_DIR=/var/lib/$account
CapabilityBoundingSet=
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=$([[ $folder == /home/* || $folder == /root/* ]] && echo read-only || echo yes)
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
END
}

autostart_text() {
  cat << END
[Desktop Entry]
Type=Application
Name=Octane daemon, port $port
Comment=Lends this computer to masters of its farm
Exec=$(start_line desktop_word)
NoDisplay=true
X-GNOME-Autostart-enabled=true
END
}

make_account() {
  local group
  getent passwd "$account" > /dev/null ||
    useradd --system --user-group --home-dir "/var/lib/$account" --no-create-home --shell /usr/sbin/nologin "$account" ||
    stop 4 "the account $account cannot be made"
  groups=""
  for group in video render; do
    ! getent group $group > /dev/null || groups+=${groups:+ }$group
  done
  setpriv --reuid "$account" --regid "$account" --clear-groups test -x "$folder" 2> /dev/null ||
    { [ -n "$moves" ] && [ ! -d "$folder" ]; } ||
    stop 4 "the account $account may not read $folder" "--to /opt/octane copies the programs to where it may"
}

release_files=(octane_master octane_slave octane_daemon install_daemon.sh uninstall_daemon.sh open_firewall.sh
  _install_daemon.bat _uninstall_daemon.bat _open_firewall.bat docs demo.glb LICENSE README.md)

files_differ() {
  [ -n "$moves" ] || return 1
  local file
  for file in "${release_files[@]}"; do
    [ ! -e "$source_folder/$file" ] || diff -rq "$source_folder/$file" "$folder/$file" > /dev/null 2>&1 || return 0
  done
  return 1
}

# Each file appears complete, under its name, beside what may still run.
copy_files() {
  local file
  mkdir -p "$folder" 2> /dev/null && [ -w "$folder" ] || stop 4 "$folder cannot be written"
  for file in "${release_files[@]}"; do
    [ -e "$source_folder/$file" ] || continue
    rm -rf "$folder/$file.new"
    cp -r --preserve=mode,timestamps "$source_folder/$file" "$folder/$file.new" && rm -rf "${folder:?}/$file" &&
      mv "$folder/$file.new" "$folder/$file" || stop 4 "$folder/$file cannot be written"
  done
}

wait_until_free() {
  local told=""
  while [ -z "$force" ]; do
    case $(daemon_state "$former_port") in
      bound | bound_to_other | authenticating | running) ;;
      *) return 0 ;;
    esac
    [ -n "$told" ] || echo "The daemon is helping a master: waiting until it is free (--force does not wait)." >&2
    told=yes
    sleep 2
  done
}

stop_daemon() {
  if [ $kind != autostart ] && control is-active --quiet "$unit"; then
    control stop "$unit" || true
  fi
  ! daemon_answers "$former_port" || "$source_folder/octane_daemon" --stop --port "$former_port" > /dev/null 2>&1 || true
  local left=100
  while daemon_answers "$former_port"; do
    left=$((left - 1))
    [ $left -gt 0 ] || stop 6 "the daemon at port $former_port does not end" "octane_daemon --stop --port $former_port"
    sleep 0.2
  done
}

store_key() {
  [ -n "$key" ] || return 0
  local former
  former=$([ ! -f "$config/farm.key" ] || cat "$config/farm.key")
  mkdir -p "$config" 2> /dev/null || stop 4 "$config cannot be written"
  if [ -f "$key" ] || [[ $key != OCT1-* ]]; then
    OCTANE_CONFIG_DIR=$config "$source_folder/octane_daemon" --activate "$key" > /dev/null || stop 8 "$key: the farm key was not stored"
  else
    OCTANE_CONFIG_DIR=$config "$source_folder/octane_daemon" --activate - > /dev/null <<< "$key" || stop 8 "the farm key was not stored"
  fi
  [ "$former" = "$(cat "$config/farm.key")" ] || changed=yes
}

write_entry() {
  local text
  if [ $kind = autostart ]; then text=$(autostart_text); else text=$(unit_text); fi
  if [ ! -f "$entry" ] || [ "$text" != "$(cat "$entry")" ]; then
    { mkdir -p "$(dirname "$entry")" && printf '%s\n' "$text" > "$entry.new" && mv "$entry.new" "$entry"; } 2> /dev/null ||
      stop 4 "$entry cannot be written"
    changed=yes
  fi
  [ $kind != autostart ] || return 0
  control daemon-reload && control enable --quiet "$unit" || stop 4 "systemctl cannot enable $unit"
  # One daemon for a port: an entry of the other kind goes.
  rm -f "$autostart_file"
}

start_daemon() {
  if [ $kind = autostart ]; then
    daemon_answers "$port" || { eval "setsid $(start_line shell_word)" < /dev/null > /dev/null 2>&1 & }
  else
    control start "$unit" || stop 1 "systemctl cannot start $unit" "$journal"
  fi
  local left=100
  until daemon_answers "$port"; do
    left=$((left - 1))
    [ $left -gt 0 ] || stop 1 "the daemon was started, but does not answer at port $port" "$journal"
    sleep 0.2
  done
}

shell_word() { printf '%q' "$1"; }

open_firewall() {
  [ -n "$firewall" ] || return 0
  local command=("$folder/open_firewall.sh" daemon --port "$port" ${quiet:+--quiet})
  [ "$(id -u)" = 0 ] || command=(sudo ${quiet:+-n} "${command[@]}")
  "${command[@]}" && return 0
  [ -z "$quiet" ] || stop 4 "the firewall was not opened" "sudo $folder/open_firewall.sh daemon --port $port"
  echo "warning: the firewall was not opened" >&2
  echo "help: sudo $folder/open_firewall.sh daemon --port $port" >&2
}

lingers() {  # this user's programs outlive the login already
  [ "$(loginctl show-user "$(id -un)" --property=Linger --value 2> /dev/null)" = yes ]
}

check_rights() {
  local again="sudo $source_folder/install_daemon.sh ${given[*]}"
  if [ -n "$boot" ]; then
    [ "$(id -u)" = 0 ] || stop 77 "--boot wants root" "$again"
    have_systemd || stop 2 "--boot wants systemd, which does not run here" "start $source_folder/octane_daemon from this system's own start scripts"
    return
  fi
  [ "$(id -u)" != 0 ] || [ -z "${SUDO_USER:-}" ] ||
    stop 2 "as root the daemon would belong to root, not to $SUDO_USER" "run it without sudo, or add --boot: then it has an account of its own"
  [ ! -e "$system_unit" ] || stop 77 "a daemon that starts with the computer is installed" "$again --boot, or first sudo $source_folder/uninstall_daemon.sh"
  [ -z "$quiet" ] || [ -z "$firewall" ] || [ "$(id -u)" = 0 ] || sudo -n true 2> /dev/null ||
    stop 77 "--firewall wants root, or a sudo that asks for no password" "sudo $source_folder/open_firewall.sh daemon"
}

check_values() {
  local fault
  fault=$(port_fault "$port")
  [[ $fault != *"in use"* ]] || stop 6 "${fault,}" "--port N chooses another, and masters scan it with --net-daemon-port N"
  [ -z "$fault" ] || stop 2 "$fault"
  fault=$(gpus_fault "$gpus")
  [ -z "$fault" ] || stop 2 "$fault"
  fault=$(name_fault "$name")
  [ -z "$fault" ] || stop 2 "$fault"
  fault=$([ -z "$idle_only" ] || idle_only_fault "$idle_only"; [ -z "$hours" ] || hours_fault "$hours")
  [ -z "$fault" ] || stop 2 "$fault"
  if [ -n "$key_file" ]; then
    fault=$(try_key "$key_file") || stop 8 "$fault" "octane_master activate makes a key; --key-file takes the file farm.key"
    try_key "$key_file"
    key=$key_file key_text="farm $farm"
  fi
  [ -n "$farm" ] || [ -z "$quiet" ] ||
    stop 8 "there is no farm key: masters of other computers could not use this daemon" "--key-file FILE, or a farm.key beside this script (octane_master activate)"
}

describe_devices() {
  devices=$("$source_folder/octane_master" devices 2> /dev/null) || devices=""
  device_line=$(sed -n 's/^GPU \([0-9]*\) *\(.*\), \([0-9.]* GB\)$/GPU \1 \2 (\3)/p' <<< "$devices" | paste -sd, | sed 's/,GPU/, GPU/g')
  [ -n "$device_line" ] || device_line=$(sed -n 's/^no CUDA GPU: \(.*\)/no GPU (\1)/p' <<< "$devices")
  device_line=${device_line:-no GPU}
}

# ------------------------------------------------------------------------------------------------------- main

read_options "$@"
for program in octane_daemon octane_slave octane_master; do
  [ -x "$source_folder/$program" ] || stop 3 "$source_folder/$program is missing" "copy the whole release folder, then run its install_daemon.sh"
done
version=$("$source_folder/octane_daemon" --version | awk '{ print $2 }') || stop 3 "$source_folder/octane_daemon does not run here"
folder=$(realpath -m "${folder:-$source_folder}")
moves="" key="" changed=""
[ "$folder" = "$source_folder" ] || moves=yes
[[ ! $folder =~ [[:cntrl:]\"\'\\] ]] || stop 2 "quotes and backslashes in the folder's name cannot stand in the start entry: $folder" "--to /opt/octane copies the programs to another folder"

if [ -n "$linger" ] && [ -z "$boot" ]; then
  lingers || loginctl enable-linger 2> /dev/null || stop 77 "--linger is not allowed to this user" "sudo loginctl enable-linger $(id -un)"
  export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
fi
choose_places
log_file=${XDG_STATE_HOME:-$HOME/.local/state}/octane/octane_daemon.log
case $kind in
  system) journal="journalctl -u $unit" ;;
  user) journal="journalctl --user -u $unit" ;;
  autostart) journal="see $log_file" ;;
esac
read_former_entry
set_lending
port=${port:-48000} gpus=${gpus:-all} name=${name:-$(uname -n)}
check_rights
describe_devices
find_key
check_values
if [ -z "$quiet" ]; then
  echo "Octane daemon $version. $device_line"
  tell_lending
  ask_everything
fi

former_port=${former_port:-$port}
was_running=""
! daemon_answers "$former_port" || was_running=yes
[ -z "$boot" ] || make_account
files_changed=""
! files_differ || files_changed=yes
if [ -n "$files_changed" ]; then
  if [ -n "$was_running" ]; then
    wait_until_free
    stop_daemon
  fi
  copy_files
fi
store_key
if [ -n "$boot" ]; then
  { mkdir -p "$config" && chown -R "$account:$account" "$config" && chmod 700 "$config"; } 2> /dev/null || stop 4 "$config cannot be written"
elif [ $kind = autostart ]; then
  mkdir -p "$(dirname "$log_file")" 2> /dev/null || stop 4 "$(dirname "$log_file") cannot be written"
fi
write_entry
case $kind in system) when="with the computer" short="at boot" ;; *) when="at every login" short="at login" ;; esac
[ -z "$linger" ] || when="with the computer, as $(id -un)" short="at boot"
[ -n "$quiet" ] || echo "Created $entry (runs $when)"
open_firewall

if [ -n "$changed" ] && [ -n "$was_running" ] && [ -z "$files_changed" ]; then
  wait_until_free
  stop_daemon
fi
if [ -z "$quiet" ] && [ -z "$was_running" ] && [ -z "$start" ]; then
  ! ask_yes "Start the daemon now?" yes || start=yes
fi
running="not running"
if [ -n "$start" ] || [ -n "$was_running" ]; then
  start_daemon
  running=running
fi
[ -z "$quiet" ] || echo "Installed octane_daemon $version, port $port, GPUs $gpus, farm ${farm:-none}, $short, $running"
