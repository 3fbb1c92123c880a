import type { Page } from './page.js';

/** Parses a message's address on this page, `/archives/C…/p…`; undefined for any other. */
export function parsePermalink(url: string): { channel: string; ts: string; threadTs?: string } | undefined {
  if (!URL.canParse(url, location.href)) return undefined;
  const { host, pathname, searchParams } = new URL(url, location.href);
  const match = /^\/archives\/(\w+)(?:\/p(\d{10})(\d{6}))?$/.exec(pathname);
  if (!match?.[1] || host !== location.host) return undefined;
  const threadTs = searchParams.get('thread_ts');
  return { channel: match[1], ts: match[2] ? `${match[2]}.${match[3]}` : '', ...(threadTs && { threadTs }) };
}

export const messageElementId = (channel: string, ts: string) => `message-${channel}-${ts}`;

/** Shows the message of an address. Returns false for any other address. */
export function openPermalink({ dispatch }: { dispatch: Page['store']['dispatch'] }, url: string): boolean {
  const target = parsePermalink(url);
  if (!target) return false;
  dispatch({ type: 'go', place: { kind: 'channel', channel: target.channel } });
  if (target.threadTs)
    dispatch({ type: 'openThread', thread: { channel: target.channel, ts: target.threadTs } });
  // A new pane first scrolls to its end.
  const afterOpening = (work: () => void) => requestAnimationFrame(() => requestAnimationFrame(work));
  afterOpening(() => {
    const element = document.getElementById(messageElementId(target.channel, target.ts));
    element?.scrollIntoView({ block: 'center' });
    element?.classList.add('pointed-at');
    setTimeout(() => element?.classList.remove('pointed-at'), 2000);
  });
  return true;
}
