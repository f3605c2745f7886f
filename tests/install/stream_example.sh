#!/usr/bin/env bash
# Streams a recording through an example program, compares its notes with those of the whole recording, and interrupts
# it.
#
# usage: stream_example.sh STREAM TRANSCRIBE_C SAMPLE
set -euo pipefail
stream=$1 transcribe=$2 model=$3/tiny.safetensors recording=$3/tones.wav
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
samples() { tail -c +45 "$recording"; }  # Behind the header.

"$transcribe" "$model" "$recording" "$work/notes.mid" 2> "$work/log" | sort > "$work/expected"
[ -s "$work/expected" ]
samples | "$stream" "$model" 16000 2> "$work/log" | sort > "$work/streamed"
diff "$work/expected" "$work/streamed"
grep -x "$(wc -l < "$work/expected") notes in 3.0 s" "$work/log"

status=0
"$stream" /none.safetensors 16000 < /dev/null 2> "$work/log" || status=$?
[ "$status" -eq 1 ] && grep none.safetensors "$work/log"
status=0
"$stream" "$model" nonsense < /dev/null 2> "$work/log" || status=$?
[ "$status" -eq 2 ] && grep usage "$work/log"

# Sound that does not end, until somebody interrupts.
mkfifo "$work/sound"
"$stream" "$model" 16000 < "$work/sound" > "$work/notes" 2> "$work/log" &
pid=$!
exec 3> "$work/sound"
samples >&3
until grep -q listening "$work/log"; do sleep 0.02; done
kill -INT "$pid"
status=0
wait "$pid" || status=$?
cat "$work/log"
[ "$status" -eq 130 ]
