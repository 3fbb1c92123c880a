let watcher: ResizeObserver | undefined;

/** Lets the keyboard reach a part while it has more than it shows: a `ref` for parts that scroll. */
export function scrollable(element: HTMLElement | null): void {
  watcher ??= new ResizeObserver((entries) => {
    for (const { target } of entries) update(target as HTMLElement);
  });
  if (element) watcher.observe(element);
}

function update(element: HTMLElement): void {
  const hasMore =
    element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1;
  if (hasMore) element.tabIndex = 0;
  else element.removeAttribute('tabindex');
}
