import { useState } from 'react';
import type { SharedFile } from '../../workspace/protocol.js';
import { usePage } from '../live/page.js';
import { scrollable } from '../live/scrollable.js';
import { Markdown } from '../text/Markdown.js';
import { sizeOf } from '../text/size.js';

/** Limit for the file text on the page, in characters; the download has everything. */
const SHOWN = 200_000;

/** A file of a message: name, size, download, and the first lines or all of it. */
export function FileCard({ file }: { file: SharedFile }) {
  const { live } = usePage();
  const isImage = file.mimetype.startsWith('image/');
  const address = live.fileUrl(file);
  return (
    <section className="file" aria-label={`File ${file.title}`}>
      <header>
        <span className="file-icon" aria-hidden="true">
          {endingOf(file.name)}
        </span>
        <div className="file-name">
          <strong>{file.title}</strong>
          <p>
            {file.title !== file.name && `${file.name} · `}
            {file.prettyType} · {sizeOf(file.size)}
          </p>
        </div>
        <a
          className="file-download"
          href={`${address}&download=1`}
          download={file.name}
          aria-label="Download"
        >
          <Arrow />
        </a>
      </header>
      {isImage && <img src={address} alt={file.altText ?? file.title} />}
      {file.preview !== undefined && <Preview file={file} preview={file.preview} address={address} />}
    </section>
  );
}

/** The first lines of a file. A click shows the whole file, with Markdown rendered. */
function Preview({ file, preview, address }: { file: SharedFile; preview: string; address: string }) {
  const [text, setText] = useState<string>();
  const [failure, setFailure] = useState('');
  const expand = async () => {
    setFailure('');
    try {
      const answer = await fetch(address);
      const content = await answer.text();
      if (answer.ok) setText(content);
      else setFailure(content);
    } catch {
      setFailure('The sandbox does not answer.');
    }
  };
  const shown = text?.slice(0, SHOWN);
  const more = (file.lines ?? 0) - preview.split('\n').length;
  const isCut = file.size > new TextEncoder().encode(preview).length + 1;
  const opens = isCut || file.filetype === 'markdown';
  return (
    <div className="file-preview">
      {shown === undefined ? (
        <pre ref={scrollable} className={isCut ? 'fades' : ''}>
          {preview}
        </pre>
      ) : file.filetype === 'markdown' ? (
        <div className="file-text">
          <Markdown text={shown} />
        </div>
      ) : (
        <pre ref={scrollable} className="file-text">
          {shown}
        </pre>
      )}
      {text !== undefined && text.length > SHOWN && <p className="small">The rest is in the download.</p>}
      {failure && (
        <p className="error" role="alert">
          {failure}
        </p>
      )}
      {opens && (
        <button
          type="button"
          className="file-toggle"
          aria-expanded={shown !== undefined}
          onClick={() => (shown === undefined ? void expand() : setText(undefined))}
        >
          {shown !== undefined ? 'Collapse' : more > 0 ? `Expand · ${more} more lines` : 'Expand'}
        </button>
      )}
    </div>
  );
}

const endingOf = (name: string) => /\.([a-z0-9]{1,4})$/i.exec(name)?.[1]?.toUpperCase() ?? 'FILE';

function Arrow() {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true">
      <path d="M10 3v9m0 0l-3.6-3.6M10 12l3.6-3.6M4 16h12" />
    </svg>
  );
}
