import { el } from './dom';

const KEYS: [string, string][] = [
  ['Space', 'Play and pause'],
  ['B', 'Recording or notes alone, in turn'],
  ['← →', 'Previous and next note'],
  ['Shift + ← →', 'Move the chosen notes by 10 ms'],
  ['Shift + ↑ ↓', 'Move them by a semitone'],
  ['Delete', 'Remove them'],
  ['Ctrl + A', 'Choose all notes'],
  ['Ctrl + Z, Ctrl + Shift + Z', 'Undo, redo'],
  ['+ −, 0', 'Zoom in and out, see all'],
  ['Home, End', 'Go to the start, to the end'],
  ['Page ↑ ↓', 'Scroll'],
  ['Escape', 'Choose nothing'],
];

export function fillHelp(dialog: HTMLDialogElement): void {
  dialog.replaceChildren(
    el('h2', { id: 'help-title' }, 'Keys and mouse'),
    el('dl', { className: 'keys' }, ...KEYS.flatMap(([key, what]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, what)])),
    el(
      'p',
      {},
      'The wheel scrolls; with Ctrl, or two fingers, it zooms. Click a note for its details, drag it to move it, drag its end ' +
        'to make it longer. Drag on empty ground to choose several; double-click there to add one. Click the ruler to go there.',
    ),
    el('form', { method: 'dialog' }, el('button', { className: 'primary' }, 'Close')),
  );
}
