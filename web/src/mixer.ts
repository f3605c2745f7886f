import { el } from './dom';
import { colour, type Instrument, type Instruments } from './instruments';
import type { Player } from './player';
import type { Song } from './song';

/** One strip for each instrument that plays: volume, mute, solo. */
export class Mixer {
  readonly element = el('section', { className: 'mixer', 'aria-labelledby': 'mixer-title' });
  private readonly rows = el('ul', {});
  private shown = '';

  constructor(
    private readonly instruments: Instruments,
    private readonly player: Player,
    private readonly choose: (instrument: Instrument) => void,
  ) {
    this.element.append(el('h2', { id: 'mixer-title' }, 'Instruments'), this.rows);
  }

  /** Shows what the song and the player say now. */
  refresh(song: Song, dark: boolean): void {
    const counts = new Map<Instrument, number>();
    for (const note of song.notes) {
      const instrument = this.instruments.of(note.program);
      counts.set(instrument, (counts.get(instrument) ?? 0) + 1);
    }
    const playing = [...counts].sort((a, b) => a[0].program - b[0].program);
    const key = JSON.stringify([dark, playing.map(([i, n]) => [i.name, n])]);
    if (key !== this.shown) {
      this.shown = key;
      // The focus stays where it was, though the rows are new.
      const focused = (document.activeElement as HTMLElement | null)?.dataset['control'];
      this.rows.replaceChildren(...playing.map(([instrument, count]) => this.row(instrument, count, dark)));
      if (focused) this.rows.querySelector<HTMLElement>(`[data-control="${CSS.escape(focused)}"]`)?.focus();
    }
    for (const [instrument] of playing) this.refreshRow(instrument);
  }

  private row(instrument: Instrument, count: number, dark: boolean): HTMLElement {
    const { name } = instrument;
    const swatch = el('span', { className: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = colour(instrument, dark);
    const title = el('button', { type: 'button', className: 'strip-name', title: `Choose all notes of ${name}`, onclick: () => this.choose(instrument) }, swatch, el('span', {}, name), el('span', { className: 'count' }, String(count)));
    const volume = el('input', { type: 'range', min: '0', max: '1.5', step: '0.01', 'aria-label': `Volume of ${name}` });
    volume.oninput = () => this.player.setStrip(name, { volume: Number(volume.value) });
    const mute = el('button', { type: 'button', className: 'toggle mute', title: 'Mute', 'aria-label': `Mute ${name}` }, 'M');
    mute.onclick = () => this.player.setStrip(name, { mute: !this.player.strip(name).mute });
    const solo = el('button', { type: 'button', className: 'toggle solo', title: 'Solo', 'aria-label': `Solo ${name}` }, 'S');
    solo.onclick = () => this.player.setStrip(name, { solo: !this.player.strip(name).solo });
    for (const [kind, control] of Object.entries({ volume, mute, solo, title })) control.dataset['control'] = `${kind} ${name}`;
    const row = el('li', { className: 'strip' }, title, volume, mute, solo);
    row.dataset['name'] = name;
    return row;
  }

  private refreshRow(instrument: Instrument): void {
    const row = this.rows.querySelector<HTMLElement>(`[data-name="${CSS.escape(instrument.name)}"]`);
    if (!row) return;
    const strip = this.player.strip(instrument.name);
    row.querySelector('.mute')!.setAttribute('aria-pressed', String(strip.mute));
    row.querySelector('.solo')!.setAttribute('aria-pressed', String(strip.solo));
    row.querySelector('input')!.value = String(strip.volume);
    row.classList.toggle('silent', this.player.silent(instrument.program));
  }
}
