#!/bin/bash
# A folder of recordings, shared out among the tasks of a Slurm array:
#
#     sbatch --export=ALL,MUSIC=/data/music,MIDI=/data/midi slurm_array.sh
#
# Submitted again it goes on with what is missing, also with another --array.
#SBATCH --job-name=transcribe
#SBATCH --array=0-31
#SBATCH --cpus-per-task=4
#SBATCH --mem=2G
#SBATCH --requeue
#SBATCH --output=transcribe.%A_%a.log
exec yourmt3 transcribe "$MUSIC" --output-dir "$MIDI" --journal "$MIDI/journal.jsonl" --shard auto \
  --threads "$SLURM_CPUS_PER_TASK" --precision f32 --quiet
