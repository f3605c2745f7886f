/* Prints the notes of a recording, and writes them as MIDI.
 *
 *   cc transcribe.c $(pkg-config --cflags --libs yourmt3) -o transcribe
 *   ./transcribe model.safetensors song.mp3 song.mid
 */
#include <stdio.h>
#include <yourmt3/yourmt3.h>

static int show_progress(double done_sec, double total_sec, void* user) {
  (void)user;
  fprintf(stderr, "\r%.0f of %.0f s", done_sec, total_sec);
  return 0; /* Anything else would cancel. */
}

static int failed(const char* what) {
  fprintf(stderr, "%s: %s\n", what, yourmt3_last_error());
  return 1;
}

int main(int argc, char** argv) {
  yourmt3_transcriber* transcriber = NULL;
  yourmt3_transcription* heard = NULL;
  int status = 0;
  if (argc != 4) {
    fprintf(stderr, "usage: %s MODEL RECORDING MIDI\n", argv[0]);
    return 2;
  }
  if (yourmt3_transcriber_open(argv[1], 0, &transcriber) != YOURMT3_OK) return failed(argv[1]);
  if (yourmt3_transcribe_file(transcriber, argv[2], show_progress, NULL, &heard) != YOURMT3_OK) {
    status = failed(argv[2]);
  } else {
    size_t i;
    fprintf(stderr, "\n");
    for (i = 0; i < yourmt3_note_count(heard); ++i) {
      yourmt3_note note;
      if (yourmt3_get_note(heard, i, &note) != YOURMT3_OK) break;
      printf("%8.3f %8.3f  pitch %3d  %s\n", note.onset_sec, note.offset_sec, note.pitch,
             yourmt3_instrument_name(note.is_drum ? 128 : note.program));
    }
    if (yourmt3_write_midi(heard, argv[3]) != YOURMT3_OK) status = failed(argv[3]);
  }
  yourmt3_transcription_free(heard);
  yourmt3_transcriber_close(transcriber);
  return status;
}
