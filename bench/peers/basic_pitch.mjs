// Notes of recordings by Basic Pitch.
//
//   node basic_pitch.mjs MODULES LIST
//
// MODULES is the folder in which package.json was installed. A line of LIST names a file of samples (float32, mono,
// 22050 Hz), and the files of notes (CSV) to write with the thresholds that the library has by default and with those of
// its manual; tabs between them.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, list] = process.argv.slice(2);
const require = createRequire(join(modules, 'package.json'));
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
const { BasicPitch, noteFramesToTime, outputToNotesPoly } = require('@spotify/basic-pitch');

wasm.setThreadsCount(1); // Results must not depend on the machine.
wasm.setWasmPaths(join(modules, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'));

// Without tfjs-node there is no loader of files.
const folder = join(modules, 'node_modules/@spotify/basic-pitch/model');
const { modelTopology, weightsManifest, ...rest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
const weights = Buffer.concat(weightsManifest.flatMap((group) => group.paths.map((path) => readFileSync(join(folder, path)))));
const model = tf.loadGraphModel({
  load: async () => ({
    ...rest,
    modelTopology,
    weightSpecs: weightsManifest.flatMap((group) => group.weights),
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
  }),
});

// Cuts recordings into windows by the plain backend: that of WebAssembly does not know how to fill up the last.
class Peer extends BasicPitch {
  async prepareData(samples) {
    await tf.setBackend('cpu');
    const prepared = await super.prepareData(samples);
    await tf.setBackend('wasm');
    return prepared;
  }
}

function csv(notes) {
  const lines = noteFramesToTime(notes)
    .sort((a, b) => a.startTimeSeconds - b.startTimeSeconds || a.pitchMidi - b.pitchMidi)
    .map((note) => `${note.startTimeSeconds},${note.startTimeSeconds + note.durationSeconds},${note.pitchMidi},0\n`);
  return 'onset_sec,offset_sec,pitch,program\n' + lines.join('');
}

for (const line of readFileSync(list, 'utf8').split('\n').filter(Boolean)) {
  const [samples, byDefault, byManual] = line.split('\t');
  const bytes = readFileSync(samples);
  const frames = [], onsets = [];
  await new Peer(model).evaluateModel(
    new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
    (f, o) => (frames.push(...f), onsets.push(...o)),
    () => {},
  );
  // The thresholds change what they are given.
  const copy = (rows) => rows.map((row) => [...row]);
  writeFileSync(byDefault, csv(outputToNotesPoly(copy(frames), copy(onsets))));
  writeFileSync(byManual, csv(outputToNotesPoly(copy(frames), copy(onsets), 0.25, 0.25, 5)));
}
