#!/bin/sh
# A slave program that does what FAKE_SLAVE (or the file $0.does beside it) says: crash, refuse, deaf, mute, leave; otherwise
# it speaks as octane_slave does and leaves at the end of its input.
does=$FAKE_SLAVE
[ -f "$0.does" ] && does=$(cat "$0.does")
if [ "$1" = --info ]; then
  [ "$does" = broken ] && { echo "error: no memory for this" >&2; exit 5; }
  echo '{"schema":"octane.slave_info/1","version":1000000,"platform":"linux","architecture":"x86_64","bitness":64,"kernel_hash":"00ff","devices":[{"kind":"cpu","index":0,"name":"a fake","memory_bytes":8000000000,"threads":2}],"no_gpu_reason":"none is wanted"}'
  exit 0
fi
echo "started with $*"
case "$does" in
  crash) echo "error: GPU 0 fell off the bus" >&2; kill -SEGV $$; sleep 10 ;;
  refuse) echo "error: master has version 999002" >&2; exit 7 ;;
  leave) echo "progress 1"; exit 0 ;;
  deaf) while :; do echo "progress 1"; sleep 0.2; done ;;
  mute) echo "progress 1"; sleep 1000 ;;
esac
# one process only, so that nothing is left behind: wait for input with a time limit, and speak
exec "${PYTHON:-python3}" -c '
import select, sys
number = 0
while True:
    number += 1
    print("progress", number, flush=True)
    if select.select([sys.stdin], [], [], 0.2)[0] and not sys.stdin.read(1):
        print("leaving", flush=True)
        sys.exit(0)
'
