import type { MouseEvent, ReactNode } from 'react';
import { usePage } from '../live/page.js';
import { openPermalink, parsePermalink } from '../live/permalink.js';

/** A link to the web opens in a tab of its own; one to a message opens here; anything else is no link. */
export function SafeLink({ url, children }: { url: string; children: ReactNode }) {
  const page = usePage();
  if (!/^(https?|mailto):/.test(url)) return <span>{children}</span>;
  if (!parsePermalink(url)) {
    return (
      <a href={url} target="_blank" rel="noreferrer">
        {children}
      </a>
    );
  }
  const open = (event: MouseEvent) => {
    event.preventDefault();
    openPermalink(page, url);
  };
  return (
    <a href={url} onClick={open}>
      {children}
    </a>
  );
}
