import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { textOf } from '../../../src/run/execution/tools.js';
import { createFetchUrl } from '../../../src/tools/fetch-url/index.js';
import { isPublic, type Reach } from '../../../src/tools/fetch-url/reach.js';
import { htmlToMarkdown } from '../../../src/tools/fetch-url/to-markdown.js';
import { pdfWith } from '../../support/files.js';
import { measureLongestPause } from '../../support/longest-pause.js';

/** A server on the loopback interface, where nothing but a test's own `Reach` lets anybody go. */
async function withSite(
  listener: RequestListener,
  test: (site: { url: string; port: number; requests: string[] }) => Promise<void>,
  host = '127.0.0.1',
): Promise<void> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.headers.host}${request.url}`);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await test({ url: `http://${host}:${port}`, port, requests });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const here: Reach = {
  allowAddress: (address) => address === '127.0.0.1',
  resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  timeoutMs: 20_000,
};
async function fetched(url: string, reach?: Partial<Reach>) {
  const result = await createFetchUrl({ ...here, ...reach }).call({ url });
  return { text: textOf(result), isError: result.isError, cut: result.cut };
}
const send = (body: string | Buffer, type = 'text/html; charset=utf-8', headers = {}): RequestListener => {
  return (_, response) => response.writeHead(200, { 'content-type': type, ...headers }).end(body);
};

const article = `<!doctype html><html><head><title>On  waiting</title><script>steal()</script></head><body>
<nav><a href="/">Home</a> <a href="/login">Log in</a></nav>
<article><h1>On waiting</h1>${'<p>People wait for trains, and agents wait for people. It is not lost time.</p>'.repeat(12)}
<p>See <a href="/more?x=1">more</a> and <strong>this</strong>: <code>npm ci</code>.</p>
<table><thead><tr><th>Day</th><th>Trains</th></tr></thead><tbody><tr><td>Monday</td><td>12</td></tr></tbody></table>
<img src="data:image/png;base64,AAAA" alt="A platform"></article>
<footer>Cookies, terms, a hundred links</footer></body></html>`;

describe('fetch_url', () => {
  it('reads what is worth reading in a page, as Markdown, title and address first', async () => {
    await withSite(send(article), async ({ url }) => {
      const { text, isError } = await fetched(`${url}/waiting`);
      assert.equal(isError, false);
      assert.match(text, new RegExp(`^Title: On waiting\nAddress: ${url}/waiting\n\n`));
      assert.match(text, new RegExp(`\\[more\\]\\(${url}/more\\?x=1\\) and \\*\\*this\\*\\*: \`npm ci\``));
      assert.match(text, /\| Day \| Trains \|\n\| --- \| --- \|\n\| Monday \| 12 \|/);
      assert.match(text, /\[Image: A platform\]/);
      assert.doesNotMatch(text, /steal|Log in|base64/);
    });
  });

  it('reads a page that is no article, too', async () => {
    const list = `<title>Prices</title><ul>${'<li>Ticket <a href="/t">12 €</a></li>'.repeat(40)}</ul>`;
    await withSite(send(list), async ({ url }) => {
      const { text } = await fetched(url);
      assert.match(text, /^Title: Prices/);
      assert.equal(text.match(/12 €/g)?.length, 40);
    });
    await withSite(send('<p>Short.</p>'), async ({ url }) => {
      assert.match((await fetched(url)).text, /^Address: .*\n\nShort\.$/);
    });
  });

  /** Markup whose meaning the words alone don't hold, and the Markdown that keeps it. */
  const MARKUP: Record<string, [html: string, markdown: string]> = {
    'a power': ['10<sup>6</sup> rows', '10^6 rows'],
    'a power of more than one word': ['x<sup>n + 1</sup>', 'x^(n + 1)'],
    'an index': ['H<sub>2</sub>O', 'H_2O'],
    'an ordinal': ['the 1<sup>st</sup> day', 'the 1st day'],
    'a reference': [
      'People say that this is so, and that it stays so<sup><a href="#1">[1]</a></sup>',
      'People say that this is so, and that it stays so[\\[1\\]](URL/docs/page#1)',
    ],
    'a price that changed': ['<del>$100</del> <ins>$80</ins>', '~~$100~~ $80'],
    'struck text': ['<s>old</s> <strike>older</strike> new', '~~old~~ ~~older~~ new'],
    'code without <code>': ['<pre>a_b * c\\n\n  [x]</pre>', '```\na_b * c\\n\n  [x]\n```'],
    'highlighted code': [
      '<pre class="language-js"><span></span><code><span>let</span> a_b<br>= 1;\n</code></pre>',
      '```js\nlet a_b\n= 1;\n```',
    ],
    'code with a fence in it': ['<pre>```\nls\n```</pre>', '````\n```\nls\n```\n````'],
    'a relative link': [
      'People read <a href="more">more</a> of this, and of the trains',
      'People read [more](URL/docs/more) of this, and of the trains',
    ],
  };
  for (const [what, [html, markdown]] of Object.entries(MARKUP)) {
    it(`keeps the meaning of ${what}`, () => {
      for (const around of ['', '<p>People wait for trains, and agents wait for people.</p>'.repeat(20)]) {
        const page = `<title>t</title><main><div>${html.startsWith('<pre') ? html : `<p>${html}</p>`}</div>${around}</main>`;
        const shown = htmlToMarkdown(page, 'https://site.example/docs/page').markdown;
        const wanted = markdown.replaceAll('URL', 'https://site.example');
        assert.ok(shown === wanted || shown.startsWith(`${wanted}\n\nPeople`), shown);
      }
    });
  }

  it('follows a relative <base>, and none of another kind', async () => {
    const bases = { '/v2/': 'URL/v2/more', 'https://other.example/a/': 'https://other.example/a/more' };
    const odd = { 'javascript:x': 'URL/docs/more', 'http://[': 'URL/docs/more' };
    for (const [base, wanted] of Object.entries({ ...bases, ...odd })) {
      const page = `<html><head><base href="${base}"></head><body><a href="more">more</a></body></html>`;
      await withSite(send(page), async ({ url }) => {
        const { text } = await fetched(`${url}/docs/page`);
        assert.ok(text.endsWith(`[more](${wanted.replace('URL', url)})`), text);
      });
    }
  });

  it('reads the text of a PDF, and says that it is one', async () => {
    const pdf = pdfWith(['Prices of May', 'Prices of June']);
    for (const type of ['application/pdf', 'application/octet-stream', 'text/html']) {
      await withSite(send(pdf, type), async ({ url }) => {
        const { text, isError } = await fetched(url);
        assert.equal(isError, false);
        assert.match(text, /^Address: .*\nIt is a PDF\. Its text:\n\nPrices of May\n\nPrices of June$/);
      });
    }
    await withSite(send('bytes', 'application/pdf'), async ({ url }) => {
      const { text, isError } = await fetched(url);
      assert.equal(isError, true);
      assert.match(text, /It came as a PDF, but it is no PDF that can be read\./);
    });
  });

  it('leaves plain text, JSON, XML and Markdown as they are', async () => {
    for (const type of [
      'text/plain',
      'application/json',
      'application/ld+json',
      'application/atom+xml',
      'text/markdown',
      'text/csv',
    ]) {
      await withSite(send('{"a": "<b>"}', type), async ({ url }) => {
        assert.equal((await fetched(`${url}/x`)).text, `Address: ${url}/x\n\n{"a": "<b>"}`);
      });
    }
  });

  it('knows the character set from the header, the page, or the byte order mark', async () => {
    const latin = Buffer.from('<title>Grüße</title><p>Grüße', 'latin1');
    const japanese = Buffer.concat([
      Buffer.from('<meta charset="shift_jis"><p>'),
      Buffer.from([0x93, 0xfa, 0x96, 0x7b]),
    ]);
    const xml = (encoding: BufferEncoding, name = 'ISO-8859-1') =>
      Buffer.from(`<?xml version="1.0" encoding='${name}'?>\n<a>Grüße</a>`, encoding);
    const utf16 = Buffer.from('\ufeffGrüße', 'utf16le');
    const pages: [Buffer, string, RegExp][] = [
      [latin, 'text/html; charset=ISO-8859-1', /Title: Grüße/],
      [japanese, 'text/html', /日本/],
      [utf16, 'text/plain', /\n\nGrüße$/],
      [xml('latin1'), 'application/xml', /<a>Grüße<\/a>$/],
      [xml('latin1'), 'text/xml', /<a>Grüße<\/a>$/],
      [xml('utf16le', 'UTF-16'), 'application/atom+xml', /<a>Grüße<\/a>$/],
      [xml('utf8', 'ISO-8859-1'), 'application/xml; charset=utf-8', /<a>Grüße<\/a>$/],
      [Buffer.from('Grüße'), 'text/plain; charset=nonsense', /Grüße/],
    ];
    for (const [body, type, found] of pages) {
      await withSite(send(body, type), async ({ url }) => assert.match((await fetched(url)).text, found));
    }
  });

  it('unpacks what is packed', async () => {
    for (const [encoding, pack] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ] as const) {
      await withSite(
        send(pack('unpacked'), 'text/plain', { 'content-encoding': encoding }),
        async ({ url }) => {
          assert.match((await fetched(url)).text, /\n\nunpacked$/);
        },
      );
    }
  });

  it('cuts a long page with a note', async () => {
    await withSite(send('x'.repeat(300_000), 'text/plain'), async ({ url }) => {
      const { text, cut } = await fetched(url);
      assert.equal(cut, true);
      assert.match(text, /bytes more were cut off here/);
    });
  });

  it('follows redirects, and says where it ended', async () => {
    await withSite(
      (request, response) => {
        if (request.url === '/end') return send('there', 'text/plain')(request, response);
        return response.writeHead(302, { location: request.url === '/' ? 'middle' : '/end' }).end();
      },
      async ({ url, requests }) => {
        assert.equal((await fetched(url)).text, `Address: ${url}/end\n\nthere`);
        assert.equal(requests.length, 3);
      },
    );
    await withSite(
      (_, response) => response.writeHead(307, { location: '/' }).end(),
      async ({ url, requests }) => {
        const { text, isError } = await fetched(url);
        assert.equal(isError, true);
        assert.match(text, /redirects more than 5 times/);
        assert.equal(requests.length, 6);
      },
    );
  });

  it('says which status a page came with, and shows its words', async () => {
    await withSite(
      (_, response) =>
        response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"no such user"}'),
      async ({ url }) => {
        const { text, isError } = await fetched(url);
        assert.equal(isError, true);
        assert.match(text, /status 404[\s\S]*no such user/);
      },
    );
  });
});

describe('fetch_url stays on the public internet', () => {
  const refused = [
    'http://127.0.0.1/',
    'http://localhost/',
    'http://LOCALHOST/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://017700000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://１２７.0.0.1/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://168.63.129.16/metadata',
    'http://100.100.100.200/',
    'http://192.0.2.1/',
    'http://198.51.100.1/',
    'http://203.0.113.1/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:0:127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b:1::a00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:7f00:1::]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[fc00::1]/',
    'http://[fd00:ec2::254]/',
    'http://[ff02::1]/',
    'http://[2001:db8::1]/',
  ];
  for (const url of refused) {
    it(`and not at ${url}`, async () => {
      const result = await createFetchUrl().call({ url });
      assert.equal(result.isError, true);
      assert.match(textOf(result), /is not a public address/);
    });
  }

  it('and knows a public address when it sees one', () => {
    for (const address of ['1.1.1.1', '93.184.216.34', '172.15.0.1', '172.32.0.1', '2606:4700:4700::1111']) {
      assert.equal(isPublic(address), true, address);
    }
    assert.equal(isPublic('not an address'), false);
  });

  const odd: [string, RegExp][] = [
    ['file:///etc/passwd', /Only http and https/],
    ['ftp://example.com/', /Only http and https/],
    ['data:text/html,hello', /Only http and https/],
    ['https://user:secret@example.com/', /user name or a password/],
    ['example.com', /is no address/],
    ['http://', /is no address/],
    ['', /is no address/],
  ];
  for (const [url, why] of odd) {
    it(`and refuses ${JSON.stringify(url)}`, async () => {
      const result = await createFetchUrl().call({ url });
      assert.equal(result.isError, true);
      assert.match(textOf(result), why);
    });
  }

  it('and on the web’s ports', async () => {
    const publicly = async () => [{ address: '93.184.216.34', family: 4 }];
    const { PUBLIC } = await import('../../../src/tools/fetch-url/reach.js');
    for (const url of ['http://example.com:22/', 'https://example.com:6379/', 'http://example.com:8080/']) {
      const result = await createFetchUrl({ ...PUBLIC, resolve: publicly }).call({ url });
      assert.match(textOf(result), /only 80 and 443/);
    }
  });

  it('and needs an address at all', async () => {
    assert.equal((await createFetchUrl().call({})).isError, true);
    assert.equal((await createFetchUrl().call({ url: 7 })).isError, true);
  });

  it('and doesn’t go where a redirect leads out of it', async () => {
    await withSite(send('the secret', 'text/plain'), async (inside) => {
      const targets = [
        `http://127.0.0.1:${inside.port}/`,
        `http://2130706433:${inside.port}/`,
        'http://10.0.0.1/',
        'http://[::1]/',
        'http://169.254.169.254/',
        'file:///etc/passwd',
        'http://user:pass@example.com/',
        `//127.0.0.1:${inside.port}/`,
      ];
      for (const location of targets) {
        await withSite(
          (_, response) => response.writeHead(301, { location }).end('the secret'),
          async ({ url, port, requests }) => {
            const only: Partial<Reach> = {
              allowAddress: (address, to) => address === '127.0.0.1' && to === port,
            };
            const { text, isError } = await fetched(url, only);
            assert.equal(isError, true, location);
            assert.doesNotMatch(text, /the secret/);
            assert.equal(requests.length, 1);
          },
        );
      }
      assert.deepEqual(inside.requests, []);
    });
  });

  it('and doesn’t go where a name leads out of it, not even beside a public address', async () => {
    await withSite(send('the secret', 'text/plain'), async ({ port, requests }) => {
      const resolve = async () => [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ];
      const allowAddress = isPublic;
      const { text, isError } = await fetched(`http://intranet.test:${port}/`, { resolve, allowAddress });
      assert.equal(isError, true);
      assert.doesNotMatch(text, /127\.0\.0\.1|the secret/, 'nor does it say where that would have been');
      assert.deepEqual(requests, []);
    });
  });

  it('and goes where the name led when it was checked, whatever it says a moment later', async () => {
    await withSite(send('public', 'text/plain'), async ({ port, requests }) => {
      let asked = 0;
      const resolve = async () => {
        asked += 1;
        return [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
      };
      const { text } = await fetched(`http://rebinding.test:${port}/`, { resolve });
      assert.match(text, /public/);
      assert.equal(asked, 1, 'there is no second look-up');
      assert.deepEqual(requests, [`rebinding.test:${port}/`], 'and the host keeps its name');
      assert.match((await fetched(`http://rebinding.test:${port}/`, { resolve })).text, /is not/);
    });
  });

  it('and says so when there is no such host', async () => {
    const resolve = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    assert.match((await fetched('http://nobody.test/', { resolve })).text, /no such host/);
    assert.match((await fetched('http://nobody.test/', { resolve: async () => [] })).text, /no host/);
    assert.match((await fetched('http://127.0.0.1:2/')).text, /connection failed \(ECONNREFUSED\)/);
  });
});

describe('fetch_url is not kept busy', () => {
  const zeros = Buffer.alloc(60_000_000);
  const bombs: [string, () => Buffer][] = [
    ['gzip', () => gzipSync(zeros)],
    ['deflate', () => deflateSync(zeros)],
    ['br', () => brotliCompressSync(zeros)],
  ];
  for (const [encoding, pack] of bombs) {
    it(`by 60 MB that come as little in ${encoding}`, async () => {
      await withSite(send(pack(), 'text/plain', { 'content-encoding': encoding }), async ({ url }) => {
        const { text, isError } = await fetched(url);
        assert.equal(isError, true);
        assert.match(text, /larger than 5 MB/);
      });
    });
  }

  it('by a page without end', async () => {
    let closed = false;
    await withSite(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        const chunk = Buffer.alloc(100_000, 'x');
        const more = () => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', more).on('close', () => {
          closed = true;
        });
        more();
      },
      async ({ url }) => {
        assert.match((await fetched(url)).text, /larger than 5 MB/);
        await new Promise((resolve) => setTimeout(resolve, 200));
        assert.equal(closed, true, 'the connection is closed');
      },
    );
  });

  it('by a page that trickles, or a name server that doesn’t answer', async () => {
    await withSite(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        const timer = setInterval(() => response.write('.'), 50);
        response.on('close', () => clearInterval(timer));
      },
      async ({ url }) => {
        const { text, isError } = await fetched(url, { timeoutMs: 500 });
        assert.equal(isError, true);
        assert.match(text, /took longer than 0\.5 seconds/);
      },
    );
    const never = () => new Promise<never>(() => {});
    // Neither a look-up nor a time limit keeps a process alive.
    const alive = setInterval(() => {}, 100);
    assert.match(
      (await fetched('http://slow.test/', { resolve: never, timeoutMs: 300 })).text,
      /took longer/,
    );
    clearInterval(alive);
  });

  it('by what is no text, or is packed in an unknown way', async () => {
    for (const type of ['image/png', 'application/octet-stream', 'video/mp4']) {
      await withSite(send('bytes', type), async ({ url }) => {
        const { text, isError } = await fetched(url);
        assert.equal(isError, true);
        assert.match(text, new RegExp(`type is ${type}; only text`));
      });
    }
    await withSite(
      (_, response) => response.writeHead(200).end('what is it'),
      async ({ url }) => assert.match((await fetched(url)).text, /type is not named/),
    );
    await withSite(send('x', 'text/plain', { 'content-encoding': 'zstd' }), async ({ url }) => {
      assert.match((await fetched(url)).text, /content encoding is not supported.*zstd/);
    });
    await withSite(send('no gzip', 'text/plain', { 'content-encoding': 'gzip' }), async ({ url }) => {
      assert.equal((await fetched(url)).isError, true);
    });
  });

  it('by a page that breaks off', async () => {
    await withSite(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '1000' }).write('half');
        setTimeout(() => response.destroy(), 50);
      },
      async ({ url }) => {
        const { text, isError } = await fetched(url);
        assert.equal(isError, true);
        assert.match(text, /connection failed/);
      },
    );
  });

  it('by a page that is made to keep its reader busy: everything else goes on', async () => {
    const hostile = `<title>t</title>${'<div><b>'.repeat(300_000)}x`;
    await withSite(send(hostile), async ({ url }) => {
      const pause = measureLongestPause();
      const startedAt = performance.now();
      const { text } = await fetched(url);
      const longest = pause.stop();
      assert.ok(text.length > 0);
      assert.ok(performance.now() - startedAt < 15_000);
      assert.ok(longest < 1_500, `the event loop stood still for ${longest} ms`);
    });
  });

  it('when nobody wants the page any more', async () => {
    await withSite(
      () => {},
      async ({ url }) => {
        const abort = new AbortController();
        const call = createFetchUrl(here).call({ url }, abort.signal);
        const reason = new Error('cancelled');
        setTimeout(() => abort.abort(reason), 100);
        await assert.rejects(call, reason);
        await assert.rejects(createFetchUrl(here).call({ url }, abort.signal), reason);
      },
    );
  });
});
