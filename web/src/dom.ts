type Child = Node | string | null;

/** An element with properties, attributes (those with a dash, and role) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name.includes('-') || name === 'role' || name === 'for' || name === 'list') element.setAttribute(name, String(value));
    else Object.assign(element, { [name]: value });
  }
  element.append(...children.filter((child): child is Node | string => child !== null));
  return element;
}

const PATHS = {
  play: 'M7 4.5v15l12.5-7.5z',
  pause: 'M6 4.5h4.2v15H6zM13.8 4.5H18v15h-4.2z',
  undo: 'M8.5 5 4 9.5 8.5 14v-3H14a3.5 3.5 0 0 1 0 7H8v2.4h6a5.9 5.9 0 0 0 0-11.8H8.5z',
  redo: 'M15.5 5 20 9.5 15.5 14v-3H10a3.5 3.5 0 0 0 0 7h6v2.4h-6a5.9 5.9 0 0 1 0-11.8h5.5z',
  plus: 'M10.8 5h2.4v5.8H19v2.4h-5.8V19h-2.4v-5.8H5v-2.4h5.8z',
  minus: 'M5 10.8h14v2.4H5z',
  fit: 'M4 5h2.2v14H4zM17.8 5H20v14h-2.2zM7.5 12l3-3v2h3V9l3 3-3 3v-2h-3v2z',
  follow: 'M11 3h2v18h-2zM15.5 8.5 20 12l-4.5 3.5zM4 11h5v2H4z',
  trash: 'M9 3.5h6l.8 1.7H20v2H4v-2h4.2zM5.7 8.7h12.6L17.4 20.5H6.6z',
  download: 'M10.8 3.5h2.4v9l3-3 1.7 1.7L12 17.1l-5.9-5.9 1.7-1.7 3 3zM4.5 18.5h15v2.2h-15z',
  mic: 'M12 3a3 3 0 0 1 3 3v5.5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5.8 11.2H8a4 4 0 0 0 8 0h2.2a6.2 6.2 0 0 1-5.1 6.1v3.2h-2.2v-3.2a6.2 6.2 0 0 1-5.1-6.1z',
  stop: 'M6 6h12v12H6z',
  sun: 'M12 7.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM11 2h2v3.2h-2zM11 18.8h2V22h-2zM2 11h3.2v2H2zM18.8 11H22v2h-3.2zM4.2 5.6l1.4-1.4 2.3 2.3-1.4 1.4zM16.1 17.5l1.4-1.4 2.3 2.3-1.4 1.4zM4.2 18.4l2.3-2.3 1.4 1.4-2.3 2.3zM16.1 6.5l2.3-2.3 1.4 1.4-2.3 2.3z',
  moon: 'M20 14.6A8.6 8.6 0 0 1 9.4 4 8.6 8.6 0 1 0 20 14.6z',
  auto: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zm0 2.2v13.6a6.8 6.8 0 0 0 0-13.6z',
  help: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zm0 2.1a6.9 6.9 0 1 0 0 13.8 6.9 6.9 0 0 0 0-13.8zm-1.1 9.7h2.2V17h-2.2zM12 7c1.9 0 3.3 1.1 3.3 2.8 0 1.2-.7 1.9-1.4 2.4-.6.4-.8.6-.8 1.2h-2.2c0-1.6.8-2.2 1.5-2.8.5-.3.8-.5.8-.9 0-.4-.5-.7-1.2-.7s-1.3.4-1.5 1.1L8.5 9.3C9 7.9 10.3 7 12 7z',
  back: 'M14.5 4.5 7 12l7.5 7.5 1.7-1.7-5.8-5.8 5.8-5.8z',
  upload: 'M12 3.4l5.9 5.9-1.7 1.7-3-3v9h-2.4V8l-3 3-1.7-1.7zM4.5 18.5h15v2.2h-15z',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button with a picture; its label is for those who cannot see it, and shown under the pointer. */
export function iconButton(name: IconName, label: string, onclick: () => void, properties: Record<string, unknown> = {}): HTMLButtonElement {
  return el('button', { type: 'button', className: 'icon-button', title: label, 'aria-label': label, onclick, ...properties }, icon(name));
}

/** Tells those who listen to the page. */
export function announce(text: string): void {
  document.getElementById('live')!.textContent = text;
}

/** Shows a message for some seconds. */
export function toast(text: string): void {
  const one = el('div', { className: 'toast' }, text);
  document.getElementById('toasts')!.append(one);
  setTimeout(() => one.remove(), 8000);
}
