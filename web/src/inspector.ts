import { el, icon } from './dom';
import type { Instruments } from './instruments';
import { DRUMS, drumName, noteName, pitchName, type Note } from './notes';
import { clock, countNotes } from './view';

export interface InspectorActions {
  change(label: string, change: (note: Note) => Note): void;
  remove(): void;
}

/** What is chosen: details of a note, and fields to change it. */
export class Inspector {
  readonly element = el('section', { className: 'inspector', 'aria-labelledby': 'inspector-title' });
  private readonly body = el('div', {});
  private shown = '';

  constructor(
    private readonly instruments: Instruments,
    private readonly actions: InspectorActions,
  ) {
    this.element.append(el('h2', { id: 'inspector-title' }, 'Note'), this.body);
  }

  refresh(chosen: readonly Note[]): void {
    const key = JSON.stringify(chosen.length > 200 ? [chosen.length, chosen[0]] : chosen);
    if (key === this.shown) return;
    this.shown = key;
    const focused = this.body.contains(document.activeElement) ? document.activeElement!.id : '';
    this.body.replaceChildren(...(chosen.length === 0 ? this.nothing() : this.fields(chosen)));
    if (focused) document.getElementById(focused)?.focus();
  }

  private nothing(): Node[] {
    return [el('p', { className: 'hint' }, 'Click a note to see its details, to move it or to change its instrument.')];
  }

  private fields(chosen: readonly Note[]): Node[] {
    const first = chosen[0]!;
    const one = chosen.length === 1;
    const rows: Node[] = [];
    const row = (id: string, label: string, control: Node) => rows.push(el('div', { className: 'field' }, el('label', { for: id }, label), control));
    if (one) {
      rows.push(el('p', { className: 'note-title' }, noteName(first), el('span', {}, ` ${clock(first.onset, 2)} – ${clock(first.offset, 2)}`)));
      row('note-pitch', first.program === DRUMS ? 'Drum' : 'Pitch', this.pitch(first));
      row('note-onset', 'Begins (s)', this.number('note-onset', first.onset, (note, value) => {
        const onset = Math.max(0, value);
        return { ...note, onset, offset: onset + (note.offset - note.onset) };
      }));
      row('note-length', 'Lasts (s)', this.number('note-length', first.offset - first.onset, (note, value) => ({ ...note, offset: note.onset + Math.max(0.01, value) })));
      if (first.confidence !== undefined) rows.push(el('p', { className: 'hint' }, `Confidence ${Math.round(100 * first.confidence)} %`));
    } else {
      rows.push(el('p', { className: 'note-title' }, countNotes(chosen.length)));
    }
    row('note-instrument', 'Instrument', this.instrument(chosen));
    const remove = el('button', { type: 'button', className: 'danger', onclick: () => this.actions.remove() }, icon('trash'), one ? 'Delete note' : 'Delete notes');
    rows.push(remove);
    return rows;
  }

  private pitch(note: Note): HTMLElement {
    const select = el('select', { id: 'note-pitch' });
    for (let pitch = 127; pitch >= 0; --pitch) {
      if (note.program === DRUMS && (pitch < 35 || pitch > 81) && pitch !== note.pitch) continue;
      select.append(el('option', { value: String(pitch), selected: pitch === note.pitch }, note.program === DRUMS ? drumName(pitch) : pitchName(pitch)));
    }
    select.onchange = () => this.actions.change('pitch', (n) => ({ ...n, pitch: Number(select.value) }));
    return select;
  }

  private number(id: string, value: number, change: (note: Note, value: number) => Note): HTMLElement {
    const input = el('input', { id, type: 'number', step: '0.01', min: '0', value: value.toFixed(2) });
    input.onchange = () => {
      if (Number.isFinite(input.valueAsNumber)) this.actions.change('time', (note) => change(note, input.valueAsNumber));
    };
    return input;
  }

  private instrument(chosen: readonly Note[]): HTMLElement {
    const names = new Set(chosen.map((note) => this.instruments.of(note.program).name));
    const select = el('select', { id: 'note-instrument' });
    if (names.size > 1) select.append(el('option', { value: '', selected: true }, 'several'));
    const own = chosen.map((note) => this.instruments.of(note.program));
    for (const { name, program } of new Set([...this.instruments.named, ...own])) {
      select.append(el('option', { value: String(program), selected: names.size === 1 && names.has(name) }, name));
    }
    select.onchange = () => {
      if (select.value === '') return;
      this.actions.change('instrument', (note) => ({ ...note, program: Number(select.value) }));
    };
    return select;
  }
}
