import { DRUMS } from './notes';

/** One instrument as the page shows it: several MIDI programs under one name and one colour. */
export interface Instrument {
  name: string;
  program: number; // The one that stands for it.
  hue: number; // Degrees of OKLCH.
}

// Families that often play together lie far from each other.
const HUES: Record<string, number> = {
  'Acoustic Piano': 255,
  'Electric Piano': 215,
  'Chromatic Percussion': 195,
  Organ: 330,
  'Guitar (clean)': 62,
  'Guitar (distortion)': 45,
  Bass: 25,
  Strings: 145,
  Brass: 90,
  Reed: 300,
  Pipe: 170,
  'Synth Lead': 345,
  'Synth Pad': 230,
  'Singing Voice': 8,
  'Singing Voice (chorus)': 352,
  Drums: 280,
};

/** By the names that the server gives to the programs 0 to 128. */
export class Instruments {
  readonly all: Instrument[] = [];
  private byProgram: Instrument[] = [];

  constructor(names: readonly string[]) {
    const byName = new Map<string, Instrument>();
    names.forEach((name, program) => {
      let instrument = byName.get(name);
      if (!instrument) {
        // Unknown names get hues that are spread over the circle by the golden angle.
        instrument = { name, program, hue: HUES[name] ?? (program * 137.5) % 360 };
        byName.set(name, instrument);
        this.all.push(instrument);
      }
      this.byProgram[program] = instrument;
    });
  }

  /** Those that a note may be given to: programs without a name of their own are left out. */
  get named(): Instrument[] {
    return this.all.filter((instrument) => !instrument.name.startsWith('Prg. '));
  }

  of(program: number): Instrument {
    return this.byProgram[program] ?? { name: `Program ${program}`, program, hue: (program * 137.5) % 360 };
  }
}

/** Colours of one instrument, for notes and what belongs to them. Drums are nearly grey. */
export function colour(instrument: Instrument, dark: boolean, lift = 0): string {
  const lightness = (dark ? 0.74 : 0.6) + lift;
  const chroma = instrument.program === DRUMS ? 0.04 : 0.16;
  return `oklch(${lightness.toFixed(3)} ${chroma} ${instrument.hue})`;
}
