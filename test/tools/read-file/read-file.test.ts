import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, it } from 'node:test';
import { readFile } from '../../../src/tools/read-file/index.js';
import { endlessPdf, PNG, pdfBomb, pdfWith } from '../../support/files.js';

const read = (kind: 'text' | 'pdf' | 'image', bytes: Buffer, maxChars = 1_000) =>
  readFile({ kind, bytes, maxChars });

describe('a file that people share', () => {
  it('is read as the text that people see: UTF-8, UTF-16 and what spreadsheets save', async () => {
    const text = 'name;price\nCafé;3 €\n';
    const windows = Buffer.from('name;price\nCaf\xe9;3 \x80\n', 'latin1');
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    for (const bytes of [Buffer.from(text), windows, utf16, Buffer.from(`\ufeff${text}`)]) {
      assert.deepEqual(await read('text', bytes), { kind: 'text', text });
    }
    assert.deepEqual(await read('text', Buffer.from([1, 0, 2])), { why: 'it holds no text' });
    assert.deepEqual(await read('text', Buffer.from(' \n')), { why: 'there is no text in it' });
  });

  it('is cut at the limit, and says so', async () => {
    assert.deepEqual(await read('text', Buffer.from('ab🙂cd'), 3), { kind: 'text', text: 'ab', isCut: true });
    const pages = Array.from({ length: 30 }, (_, at) => `Page ${at} `.repeat(10));
    const cut = await read('pdf', pdfWith(pages), 200);
    assert.ok('text' in cut && cut.isCut && cut.text.length === 200 && cut.text.startsWith('Page 0'));
  });

  it('is read page by page if it is a PDF', async () => {
    const content = await read('pdf', pdfWith(['Budget (draft)', 'Total: 40']));
    assert.deepEqual(content, { kind: 'text', text: 'Budget (draft)\n\nTotal: 40' });
    assert.deepEqual(await read('pdf', pdfWith([''])), { why: 'there is no text in it' });
    assert.deepEqual(await read('pdf', Buffer.from('%PDF-1.7 nothing')), {
      why: 'it is no PDF that can be read',
    });
  });

  it('goes to the model as an image by its bytes, whatever it is called', async () => {
    const data = PNG.toString('base64');
    assert.deepEqual(await read('image', PNG), { kind: 'image', mediaType: 'image/png', data });
    const why = 'it is no PNG, JPEG, GIF or WebP image';
    assert.deepEqual(await read('image', Buffer.from('<svg/>')), { why });
  });

  it('does not hold the service, if a hostile PDF never ends or unpacks to a gigabyte', async () => {
    const delays = monitorEventLoopDelay();
    const [endless, bomb] = [endlessPdf(), pdfBomb(1_000)];
    assert.ok(bomb.length < 2_000_000);
    delays.enable();
    const began = Date.now();
    assert.deepEqual(await read('pdf', endless), { why: 'it takes too long to read' });
    assert.deepEqual(await read('pdf', bomb), { why: 'it needs too much memory' });
    assert.ok(Date.now() - began < 25_000);
    assert.ok(delays.max < 1e9, `the service stood still for ${delays.max / 1e6} ms`);
    assert.deepEqual(await read('pdf', pdfWith(['next'])), { kind: 'text', text: 'next' });
  });

  it('is given up as soon as the run is stopped', async () => {
    const stopped = AbortSignal.timeout(50);
    await assert.rejects(readFile({ kind: 'pdf', bytes: endlessPdf(), maxChars: 9 }, stopped), {
      name: 'TimeoutError',
    });
  });
});
