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

/** Adds the page's token to the address of a file of this workspace. The workspace finds a file by its id alone. */
function ourFile(live: Live, url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { host, pathname } = new URL(url);
  const [, id, name] = /^\/files\/(\w+)\/([^/]+)$/.exec(pathname) ?? [];
  if (host !== location.host || !id || !name) return undefined;
  return live.fileUrl({ id, name });
}
