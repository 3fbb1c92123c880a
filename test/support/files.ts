import { constants, deflateRawSync } from 'node:zlib';

/** A PDF with one page for each text. `content`: the pages' content stream, in place of the texts. */
export function pdfWith(texts: string[], content?: Buffer): Buffer {
  const objects: (string | Buffer)[] = [];
  const stream = (bytes: Buffer, filter = ''): Buffer =>
    Buffer.concat([
      Buffer.from(`<< /Length ${bytes.length}${filter} >>\nstream\n`),
      bytes,
      Buffer.from('\nendstream'),
    ]);
  const kids = texts.map((_, at) => `${4 + at * 2} 0 R`).join(' ');
  objects.push('<< /Type /Catalog /Pages 2 0 R >>');
  objects.push(`<< /Type /Pages /Kids [${kids}] /Count ${texts.length} >>`);
  objects.push('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  for (const [at, text] of texts.entries()) {
    const escaped = text.replaceAll(/[()\\]/g, '\\$&');
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + at * 2} 0 R >>`,
      content
        ? stream(content, ' /Filter /FlateDecode')
        : stream(Buffer.from(`BT /F1 12 Tf 72 720 Td (${escaped}) Tj ET`)),
    );
  }
  const parts: Buffer[] = [Buffer.from('%PDF-1.4\n')];
  const offsets: number[] = [];
  let length = parts[0]?.length ?? 0;
  const add = (bytes: Buffer) => {
    parts.push(bytes);
    length += bytes.length;
  };
  for (const [at, object] of objects.entries()) {
    offsets.push(length);
    add(Buffer.concat([Buffer.from(`${at + 1} 0 obj\n`), Buffer.from(object), Buffer.from('\nendobj\n')]));
  }
  const start = length;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  add(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

/** A PDF of about a megabyte whose page unpacks to so many. One packed piece is repeated, so the test itself needs no memory for it. */
export function pdfBomb(megabytes: number): Buffer {
  const piece = deflateRawSync(Buffer.alloc(1_000_000, 'q '), {
    level: 9,
    finishFlush: constants.Z_FULL_FLUSH,
  });
  const end = Buffer.from([3, 0, 0, 0, 0, 0]);
  return pdfWith(['x'], Buffer.concat([Buffer.from([0x78, 0xda]), ...Array(megabytes).fill(piece), end]));
}

/** A PDF that draws one text again and again: by a form that draws itself through others, ten times each. */
export function endlessPdf(depth = 12): Buffer {
  const forms = Array.from({ length: depth }, (_, at) => at + 6);
  const draws = (name: string) => `/${name} Do `.repeat(10);
  const object = (id: number, body: string) => `${id} 0 obj\n${body}\nendobj\n`;
  const streamOf = (text: string, head = '') =>
    `<< ${head} /Length ${text.length} >>\nstream\n${text}\nendstream`;
  const body = [
    object(1, '<< /Type /Catalog /Pages 2 0 R >>'),
    object(2, '<< /Type /Pages /Kids [4 0 R] /Count 1 >>'),
    object(3, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
    object(
      4,
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /XObject << /N 6 0 R >> >> /Contents 5 0 R >>',
    ),
    object(5, streamOf(draws('N'))),
    ...forms.map((id, at) => {
      const head = '/Type /XObject /Subtype /Form /BBox [0 0 612 792]';
      const isLast = at === forms.length - 1;
      return isLast
        ? object(
            id,
            streamOf(
              'BT /F1 12 Tf 72 720 Td (again) Tj ET',
              `${head} /Resources << /Font << /F1 3 0 R >> >>`,
            ),
          )
        : object(id, streamOf(draws('N'), `${head} /Resources << /XObject << /N ${id + 1} 0 R >> >>`));
    }),
  ].join('');
  return Buffer.from(`%PDF-1.4\n${body}trailer\n<< /Root 1 0 R >>\n%%EOF\n`);
}

/** A red PNG image of one pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);
