/** The last focused element, and places to go to when it is gone, nearest first. */
let last: { element: HTMLElement; places: string[] } | undefined;

/** Remembers where the focus is, from now on. The browser itself returns it from a dialog to an element that is still there. */
export function watchFocus(): void {
  document.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement) || target.closest('dialog')) return;
    last = { element: target, places: placesOf(target) };
  });
}

/** Returns the focus that an update took away. Without it the keyboard would start again at the top of the page. */
export function keepFocus(): void {
  const isLost = document.activeElement === null || document.activeElement === document.body;
  if (!last || !isLost || last.element.isConnected || document.querySelector('dialog[open]')) return;
  for (const place of last.places) {
    const element = document.querySelector<HTMLElement>(place);
    if (!element) continue;
    element.focus({ preventScroll: true });
    return;
  }
}

function placesOf(element: HTMLElement): string[] {
  const message = element.closest('article')?.id;
  const { action } = element.dataset;
  const root = element.closest<HTMLElement>('[data-root]')?.dataset.root;
  return [
    ...(message && action ? [`#${CSS.escape(message)} [data-action="${CSS.escape(action)}"]`] : []),
    ...(message ? [`#${CSS.escape(message)}`] : []),
    ...(root ? [`#${CSS.escape(root)} .replies`] : []),
    'main textarea',
  ];
}
