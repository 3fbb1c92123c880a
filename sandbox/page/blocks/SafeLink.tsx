import type { MouseEvent, ReactNode } from 'react';
import { usePage } from '../live/page.js';
import { openPermalink, parsePermalink } from '../live/permalink.js';
import type { Live } from '../live/socket.js';

/** A link: web addresses open in a new tab, messages on this page, and files with the page's token. Others are plain text. */
export function SafeLink({ url, children }: { url: string; children: ReactNode }) {
  const page = usePage();
  if (!/^(https?|mailto):/.test(url)) return <span>{children}</span>;
  if (!parsePermalink(url)) {
    return (
      <a href={ourFile(page.live, url) ?? url} target="_blank" rel="noreferrer">
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

/** Adds the page's token to the address of a file of this workspace. */
function ourFile(live: Live, url: string): string | undefined {
  const { host, pathname } = new URL(url);
  const match = /^\/files\/(\w+)\/([^/]+)$/.exec(pathname);
  if (host !== location.host || !match?.[1] || !match[2]) return undefined;
  return live.fileUrl({ id: match[1], name: decodeURIComponent(match[2]) });
}
