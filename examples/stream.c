/* Prints notes while sound arrives at standard input: samples of one channel, 16 bits each. Ctrl-C ends it.
 *
 *   cc stream.c $(pkg-config --cflags --libs yourmt3) -o stream
 *   arecord -q -t raw -f S16_LE -r 44100 -c 1 | ./stream model.safetensors 44100
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <yourmt3/yourmt3.h>

static volatile sig_atomic_t interrupted = 0;

/* Reading ends, be it going on or about to begin. */
static void interrupt(int signal_number) {
  (void)signal_number;
  interrupted = 1;
  close(STDIN_FILENO);
}

/* Called by the library, on a thread of its own. */
static void print_notes(const yourmt3_note* notes, size_t n_notes, void* user) {
  size_t i;
  (void)user;
  for (i = 0; i < n_notes; ++i) {
    printf("%8.3f %8.3f  pitch %3d  %s\n", notes[i].onset_sec, notes[i].offset_sec, notes[i].pitch,
           yourmt3_instrument_name(notes[i].program));
  }
  fflush(stdout);
}

/* Pushes blocks of a tenth of a second until the sound ends. */
static yourmt3_status listen_to(FILE* sound, int sample_rate, yourmt3_stream* stream) {
  const size_t block = (size_t)sample_rate / 10;
  int16_t* raw = malloc(block * sizeof *raw);
  float* samples = malloc(block * sizeof *samples);
  yourmt3_status status = raw && samples ? YOURMT3_OK : YOURMT3_OUT_OF_MEMORY;
  size_t n;
  while (status == YOURMT3_OK && (n = fread(raw, sizeof *raw, block, sound)) > 0) {
    size_t i;
    for (i = 0; i < n; ++i) samples[i] = (float)raw[i] / 32768;
    status = yourmt3_stream_push(stream, samples, n);
  }
  free(raw);
  free(samples);
  return status;
}

int main(int argc, char** argv) {
  yourmt3_transcriber* transcriber = NULL;
  yourmt3_stream* stream = NULL;
  yourmt3_transcription* heard = NULL;
  yourmt3_status status;
  struct sigaction on_interrupt;
  int sample_rate;
  if (argc != 3 || (sample_rate = atoi(argv[2])) < 1000) {
    fprintf(stderr, "usage: %s MODEL SAMPLE_RATE < SAMPLES\n", argv[0]);
    return 2;
  }
  memset(&on_interrupt, 0, sizeof on_interrupt);
  on_interrupt.sa_handler = interrupt; /* Without SA_RESTART. */
  sigaction(SIGINT, &on_interrupt, NULL);

  status = yourmt3_transcriber_open(argv[1], 0, &transcriber);
  if (status == YOURMT3_OK) status = yourmt3_stream_open(transcriber, 1, sample_rate, print_notes, NULL, &stream);
  if (status == YOURMT3_OK) {
    fprintf(stderr, "listening\n");
    status = listen_to(stdin, sample_rate, stream);
    if (interrupted) yourmt3_stream_cancel(stream);
  }
  if (status == YOURMT3_OK) status = yourmt3_stream_finish(stream, &heard);
  if (status == YOURMT3_OK) {
    fprintf(stderr, "%lu notes in %.1f s\n", (unsigned long)yourmt3_note_count(heard), yourmt3_duration_sec(heard));
  } else {
    fprintf(stderr, "%s\n", yourmt3_last_error());
  }
  yourmt3_transcription_free(heard);
  yourmt3_stream_close(stream);
  yourmt3_transcriber_close(transcriber);
  return status == YOURMT3_OK ? 0 : status == YOURMT3_CANCELLED ? 130 : 1;
}
