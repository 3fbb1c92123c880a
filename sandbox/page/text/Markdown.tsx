import { useEffect, useState } from 'react';

type Drawn = typeof import('./draw-markdown.js').drawMarkdown;

/** Draws Markdown once the parser is there, which is a third of the page's code. */
let drawMarkdown: Drawn | undefined;

/** Loads the parser. Without it texts stay as they were written. */
export async function loadMarkdown(): Promise<void> {
  try {
    ({ drawMarkdown } = await import('./draw-markdown.js'));
  } catch {
    // The sandbox is gone. The next text tries again.
  }
}

/** Markdown as React nodes, and the bare text until the parser is loaded. */
export function Markdown({ text }: { text: string }) {
  const [isLoaded, setLoaded] = useState(drawMarkdown !== undefined);
  useEffect(() => {
    if (!isLoaded) void loadMarkdown().then(() => setLoaded(drawMarkdown !== undefined));
  }, [isLoaded]);
  return drawMarkdown ? drawMarkdown(text) : <div className="markdown unparsed">{text}</div>;
}
