#!/bin/bash
# A folder of recordings, shared out among the tasks of one Slurm job:
#
#     sbatch --export=ALL,MUSIC=/data/music,MIDI=/data/midi slurm_tasks.sh
#
# Submitted again it goes on with what is missing, also with another --ntasks.
#SBATCH --job-name=transcribe
#SBATCH --ntasks=32
#SBATCH --cpus-per-task=4
#SBATCH --output=transcribe.%j.log
exec srun --cpus-per-task="$SLURM_CPUS_PER_TASK" --wait=0 --kill-on-bad-exit=0 \
  yourmt3 transcribe "$MUSIC" --output-dir "$MIDI" --journal "$MIDI/journal.jsonl" --shard auto \
  --threads "$SLURM_CPUS_PER_TASK" --precision f32 --quiet
