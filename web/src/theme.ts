import { icon, type IconName } from './dom';

type Theme = 'auto' | 'light' | 'dark';

const KEY = 'yourmt3-theme';
const ICONS: Record<Theme, IconName> = { auto: 'auto', light: 'sun', dark: 'moon' };

/** Light, dark, or what the system says; remembered. `onchange` is called when the colours changed. */
export function setUpTheme(button: HTMLButtonElement, onchange: () => void): void {
  let theme = (localStorage.getItem(KEY) as Theme | null) ?? 'auto';
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    document.documentElement.dataset['theme'] = theme === 'auto' ? (system.matches ? 'dark' : 'light') : theme;
    const label = `Colours: ${theme === 'auto' ? 'as the system' : theme}`;
    button.title = label;
    button.setAttribute('aria-label', label);
    button.replaceChildren(icon(ICONS[theme]));
    onchange();
  };
  button.onclick = () => {
    theme = theme === 'auto' ? 'light' : theme === 'light' ? 'dark' : 'auto';
    localStorage.setItem(KEY, theme);
    apply();
  };
  system.addEventListener('change', apply);
  apply();
}
