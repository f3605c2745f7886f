#!/usr/bin/env bash
# Runs a command inside a Slurm of its own on this machine: one controller, one node of four processors, an own munge
# key. Everything lives in a temporary folder and ends with the command.
#
# usage: with_slurm.sh COMMAND...      exit status: that of the command; 77 without Slurm, 1 when it does not start
set -euo pipefail

for program in munged slurmctld slurmd srun sbatch; do
  command -v "$program" > /dev/null || PATH=$PATH:/usr/sbin
  command -v "$program" > /dev/null || { echo "skipped: no $program (packages munge and slurm-wlm)"; exit 77; }
done

folder=$(mktemp -d)
# munged wants a path to its socket that everybody may walk.
chmod 755 "$folder"
daemons=()
cleanup() {
  local pid
  for pid in "${daemons[@]}"; do kill "$pid" 2> /dev/null || true; done
  for pid in "${daemons[@]}"; do wait "$pid" 2> /dev/null || true; done
  rm -rf "$folder"
}
trap cleanup EXIT

free_ports() {
  python3 -c '
import socket
taken = [socket.socket() for _ in range(2)]
for s in taken: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in taken))'
}
read -r controller_port node_port < <(free_ports)
user=$(id -un)
mkdir "$folder/munge" "$folder/state" "$folder/spool"
head -c 1024 /dev/urandom > "$folder/munge/key"
chmod 600 "$folder/munge/key"
cat > "$folder/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$controller_port
SlurmdPort=$node_port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$folder/munge/socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
# Jobs begin at once, not at the scheduler's next round.
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$folder/slurm.conf

munged --foreground --socket="$folder/munge/socket" --key-file="$folder/munge/key" --pid-file="$folder/munge/pid" \
  --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" > "$folder/munge/out" 2>&1 &
daemons+=($!)
for _ in $(seq 100); do [ -S "$folder/munge/socket" ] && break; sleep 0.1; done
slurmctld -D -c > "$folder/slurmctld.out" 2>&1 &
daemons+=($!)
slurmd -D -N "$(hostname -s)" > "$folder/slurmd.out" 2>&1 &
daemons+=($!)
for _ in $(seq 150); do
  [ "$(sinfo --noheader --format %T 2> /dev/null)" = idle ] && started=yes && break
  sleep 0.2
done
if [ -z "${started:-}" ]; then
  echo "Slurm does not start:" >&2
  tail -n 20 "$folder"/munge/out "$folder"/munge/log "$folder"/*.log "$folder"/*.out >&2 || true
  exit 1
fi
"$@"
