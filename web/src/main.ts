import { getInfo, getJob, type Info } from './api';
import { el, icon, toast } from './dom';
import { fillHelp } from './help';
import { Instruments } from './instruments';
import { PieceView } from './piece';
import { StartView } from './start';
import { setUpTheme } from './theme';

const main = document.getElementById('main')!;
const dialog = document.getElementById('help-dialog') as HTMLDialogElement;
const help = document.getElementById('help') as HTMLButtonElement;

let view: StartView | PieceView | null = null;

/** The address says what is shown: #job=ID, or everything else for the start. */
async function show(info: Info, instruments: Instruments): Promise<void> {
  view?.close();
  view = null;
  const id = /^#job=([0-9a-f]{32})$/.exec(location.hash)?.[1];
  if (id) {
    try {
      const job = await getJob(id);
      view = new PieceView(job, info, instruments);
      document.title = `${job.name} – yourmt3`;
    } catch (error) {
      toast((error as Error).message);
    }
  }
  if (!view) {
    view = new StartView(info, (job) => (location.hash = `#job=${job}`));
    document.title = 'yourmt3';
  }
  main.replaceChildren(view.element);
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, select, textarea, button, a, summary, dialog') !== null;
}

document.addEventListener('keydown', (event) => {
  if (event.key === '?' && !(event.target instanceof HTMLInputElement)) dialog.showModal();
  // Space on a button presses the button.
  else if (view instanceof PieceView && !(typing(event.target) && !event.ctrlKey && !event.metaKey) && view.globalKey(event)) event.preventDefault();
});

window.addEventListener('beforeunload', (event) => {
  if (view instanceof PieceView && view.unsaved) event.preventDefault();
});

// A file that misses its place must not replace the page.
for (const name of ['dragover', 'drop'] as const) document.addEventListener(name, (event) => event.preventDefault());

help.title = 'Keys and mouse (?)';
help.setAttribute('aria-label', help.title);
help.append(icon('help'));
help.onclick = () => dialog.showModal();
fillHelp(dialog);

setUpTheme(document.getElementById('theme') as HTMLButtonElement, () => {
  if (view instanceof PieceView) view.recolour();
});

getInfo().then(
  (info) => {
    const instruments = new Instruments(info.instruments);
    void show(info, instruments);
    window.addEventListener('hashchange', () => void show(info, instruments));
  },
  (error: Error) => main.replaceChildren(el('p', { className: 'failure' }, `The server cannot be reached: ${error.message}`)),
);
