import type { Instruments } from './instruments';
import { DRUMS, type Note } from './notes';

/** How an instrument sounds: harmonics of one period, and what happens to them over time. */
interface Sound {
  harmonics: number[]; // Strength of the first, second ... harmonic.
  attack: number; // Seconds to full loudness.
  decay: number; // Seconds in which it falls to `sustain`.
  sustain: number; // Part of the loudness that stays while the key is down.
  release: number; // Seconds after the key is up.
  brightness: number; // Cut-off of the filter at the start, as a multiple of the pitch.
  darkens: number; // The same after the decay.
  vibrato: number; // Cents.
  gain: number;
}

const saw = (n: number, slope = 1) => Array.from({ length: n }, (_, i) => 1 / (i + 1) ** slope);
const odd = (n: number) => Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 / (i + 1) : 0.04));

const PIANO: Sound = { harmonics: [1, 0.55, 0.32, 0.22, 0.12, 0.09, 0.05, 0.04, 0.02], attack: 0.003, decay: 1.8, sustain: 0.02, release: 0.18, brightness: 12, darkens: 3, vibrato: 0, gain: 0.5 };

/** By the names of the instruments that the server knows. */
const SOUNDS: Record<string, Sound> = {
  'Acoustic Piano': PIANO,
  'Chromatic Percussion': { ...PIANO, harmonics: [1, 0, 0.05, 0.42, 0, 0, 0, 0, 0, 0.12], decay: 0.9, brightness: 14, darkens: 5, gain: 0.45 },
  Organ: { harmonics: [1, 0.8, 0.6, 0.5, 0, 0.3, 0, 0.35], attack: 0.012, decay: 0.1, sustain: 0.95, release: 0.06, brightness: 10, darkens: 10, vibrato: 4, gain: 0.22 },
  'Guitar (clean)': { harmonics: saw(14, 1.15), attack: 0.003, decay: 0.9, sustain: 0.05, release: 0.12, brightness: 10, darkens: 2.2, vibrato: 0, gain: 0.4 },
  'Guitar (distortion)': { harmonics: odd(24), attack: 0.004, decay: 1.5, sustain: 0.5, release: 0.1, brightness: 9, darkens: 5, vibrato: 4, gain: 0.2 },
  'Electric Piano': { ...PIANO, harmonics: [1, 0.12, 0.3, 0.04, 0.02, 0.06], decay: 1.4, sustain: 0.08, gain: 0.5 },
  Bass: { harmonics: [1, 0.7, 0.4, 0.28, 0.14, 0.08], attack: 0.006, decay: 0.9, sustain: 0.35, release: 0.09, brightness: 9, darkens: 3.5, vibrato: 0, gain: 0.62 },
  Strings: { harmonics: saw(18, 1.05), attack: 0.07, decay: 0.3, sustain: 0.85, release: 0.2, brightness: 7, darkens: 6, vibrato: 9, gain: 0.24 },
  Brass: { harmonics: saw(16, 0.9), attack: 0.035, decay: 0.25, sustain: 0.8, release: 0.1, brightness: 4.5, darkens: 6, vibrato: 4, gain: 0.22 },
  Reed: { harmonics: odd(15), attack: 0.03, decay: 0.2, sustain: 0.85, release: 0.09, brightness: 8, darkens: 6, vibrato: 7, gain: 0.27 },
  Pipe: { harmonics: [1, 0.22, 0.1, 0.03], attack: 0.05, decay: 0.2, sustain: 0.9, release: 0.1, brightness: 6, darkens: 6, vibrato: 8, gain: 0.36 },
  'Synth Lead': { harmonics: odd(20), attack: 0.006, decay: 0.2, sustain: 0.75, release: 0.08, brightness: 12, darkens: 7, vibrato: 5, gain: 0.2 },
  'Synth Pad': { harmonics: saw(12, 1.2), attack: 0.25, decay: 0.5, sustain: 0.9, release: 0.5, brightness: 4, darkens: 5, vibrato: 6, gain: 0.22 },
  'Singing Voice': { harmonics: [1, 0.7, 0.65, 0.5, 0.22, 0.12, 0.14, 0.1, 0.03], attack: 0.05, decay: 0.2, sustain: 0.9, release: 0.12, brightness: 9, darkens: 8, vibrato: 16, gain: 0.34 },
};
SOUNDS['Singing Voice (chorus)'] = { ...SOUNDS['Singing Voice']!, attack: 0.12, release: 0.3, gain: 0.28 };

/** Notes as sound, by oscillators: nothing has to be downloaded, and an edited note sounds at once. */
export class Synth {
  private readonly waves = new Map<string, PeriodicWave>();
  private readonly noise: AudioBuffer;

  constructor(
    private readonly context: BaseAudioContext,
    private readonly instruments: Instruments,
  ) {
    this.noise = context.createBuffer(1, context.sampleRate, context.sampleRate);
    const samples = this.noise.getChannelData(0);
    // The same noise each time: a linear congruential generator, constants of Numerical Recipes.
    for (let i = 0, state = 1; i < samples.length; ++i) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      samples[i] = state / 2 ** 31;
    }
  }

  /** Plays one note into `out`; gives what ends it early. Times are those of the context. */
  play(note: Note, at: number, until: number, out: AudioNode): (when: number) => void {
    return note.program === DRUMS ? this.hit(note.pitch, at, out) : this.tone(note, at, until, out);
  }

  private wave(name: string, sound: Sound): PeriodicWave {
    let wave = this.waves.get(name);
    if (!wave) {
      const imaginary = new Float32Array([0, ...sound.harmonics]);
      wave = this.context.createPeriodicWave(new Float32Array(imaginary.length), imaginary);
      this.waves.set(name, wave);
    }
    return wave;
  }

  private tone(note: Note, at: number, until: number, out: AudioNode): (when: number) => void {
    const name = this.instruments.of(note.program).name;
    const sound = SOUNDS[name] ?? PIANO;
    const frequency = 440 * 2 ** ((note.pitch - 69) / 12);
    const oscillator = this.context.createOscillator();
    oscillator.setPeriodicWave(this.wave(name, sound));
    oscillator.frequency.value = frequency;

    const filter = this.context.createBiquadFilter();
    filter.type = 'lowpass';
    const limit = this.context.sampleRate * 0.45;
    filter.frequency.setValueAtTime(Math.min(limit, frequency * sound.brightness), at);
    filter.frequency.exponentialRampToValueAtTime(Math.min(limit, frequency * sound.darkens), at + sound.decay);

    // High notes die away sooner, as strings do.
    const decay = sound.sustain < 0.3 ? sound.decay * 2 ** ((60 - note.pitch) / 36) : sound.decay;
    const gain = this.context.createGain();
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(sound.gain, at + sound.attack);
    gain.gain.setTargetAtTime(sound.gain * sound.sustain, at + sound.attack, decay / 3);
    const off = Math.max(until, at + sound.attack);
    gain.gain.setTargetAtTime(0, off, sound.release / 4);

    if (sound.vibrato > 0 && until - at > 0.35) {
      const lfo = this.context.createOscillator();
      const depth = this.context.createGain();
      lfo.frequency.value = 5.3;
      depth.gain.setValueAtTime(0, at + 0.15);
      depth.gain.linearRampToValueAtTime(sound.vibrato, at + 0.5);
      lfo.connect(depth).connect(oscillator.detune);
      lfo.start(at);
      lfo.stop(off + sound.release * 2);
    }
    oscillator.connect(filter).connect(gain).connect(out);
    oscillator.start(at);
    oscillator.stop(off + sound.release * 2);
    return (when) => this.end(gain, oscillator, when);
  }

  private hit(key: number, at: number, out: AudioNode): (when: number) => void {
    if (key === 35 || key === 36) return this.drum(150, 48, 0.22, 0, 0.95, at, out);
    if ([41, 43, 45, 47, 48, 50].includes(key)) return this.drum(90 + (key - 41) * 16, 70 + (key - 41) * 12, 0.28, 0.1, 0.6, at, out);
    if ([37, 38, 39, 40].includes(key)) {
      const body = this.drum(240, 170, 0.11, 0, 0.35, at, out);
      const rattle = this.hiss(1800, 0.17, 0.5, at, out);
      return (when) => (body(when), rattle(when));
    }
    if (key === 42 || key === 44) return this.hiss(8000, 0.05, 0.32, at, out);
    if (key === 46) return this.hiss(7500, 0.3, 0.3, at, out);
    if ([49, 52, 55, 57].includes(key)) return this.hiss(5000, 1.1, 0.4, at, out);
    if ([51, 53, 59].includes(key)) return this.hiss(9000, 0.5, 0.24, at, out);
    return this.drum(400, 320, 0.08, 0, 0.35, at, out);
  }

  /** A skin: a tone that falls. */
  private drum(from: number, to: number, length: number, noise: number, loudness: number, at: number, out: AudioNode): (when: number) => void {
    const oscillator = this.context.createOscillator();
    const gain = this.context.createGain();
    oscillator.frequency.setValueAtTime(from, at);
    oscillator.frequency.exponentialRampToValueAtTime(to, at + length / 3);
    gain.gain.setValueAtTime(loudness, at);
    gain.gain.exponentialRampToValueAtTime(0.001, at + length);
    oscillator.connect(gain).connect(out);
    oscillator.start(at);
    oscillator.stop(at + length);
    if (noise > 0) this.hiss(900, 0.05, noise, at, out);
    return (when) => this.end(gain, oscillator, when);
  }

  /** Metal and snares: noise without its low part. */
  private hiss(lowest: number, length: number, loudness: number, at: number, out: AudioNode): (when: number) => void {
    const source = this.context.createBufferSource();
    source.buffer = this.noise;
    source.loop = true;
    const filter = this.context.createBiquadFilter();
    filter.type = 'highpass';
    filter.frequency.value = lowest;
    const gain = this.context.createGain();
    gain.gain.setValueAtTime(loudness, at);
    gain.gain.exponentialRampToValueAtTime(0.001, at + length);
    source.connect(filter).connect(gain).connect(out);
    source.start(at);
    source.stop(at + length);
    return (when) => this.end(gain, source, when);
  }

  private end(gain: GainNode, source: AudioScheduledSourceNode, when: number): void {
    gain.gain.cancelScheduledValues(when);
    gain.gain.setTargetAtTime(0, when, 0.01);
    source.stop(when + 0.06);
  }
}
