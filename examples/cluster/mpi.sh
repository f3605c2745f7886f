#!/bin/bash
# A folder of recordings, shared out among the processes that mpirun starts:
#
#     MUSIC=/data/music MIDI=/data/midi ./mpi.sh -np 32 --hostfile hosts
#
# Called again it goes on with what is missing, also with another number of processes. A broken recording gives exit
# status 1, which mpirun would take for a reason to end all others.
mpirun "$@" sh -c 'yourmt3 transcribe "$0" --output-dir "$1" --journal "$1/journal.jsonl" --shard auto --threads 1 \
  --precision f32 --quiet || [ $? -eq 1 ]' "$MUSIC" "$MIDI"
