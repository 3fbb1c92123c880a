import assert from 'node:assert/strict';

/** People who may be mentioned, and the origin to which links in our own mrkdwn may lead. */
export interface Allowed {
  people: string[];
  origin: string;
}

/**
 * Checks that Slack parses nothing of hostile text in a message or a view: no broadcast, and no mention but of people whom we mean. No link of ours leads elsewhere, and none in rich text hides its domain.
 */
export function assertHarmless(value: unknown, allowed: Allowed): void {
  if (Array.isArray(value)) {
    value.forEach((part, at) => {
      if (isObject(part) && part.type === 'link') assertHonest(part, value[at + 1]);
      assertHarmless(part, allowed);
    });
    return;
  }
  if (!isObject(value)) return;
  assert.ok(!PINGS.has(String(value.type)), `rich text pings: ${JSON.stringify(value)}`);
  if (value.type === 'mrkdwn') {
    assert.equal(value.verbatim, true, `Slack links bare addresses in: ${String(value.text)}`);
    assertMrkdwn(String(value.text), allowed);
  }
  for (const part of Object.values(value)) assertHarmless(part, allowed);
}

/** Checks the text of a notification, which Slack parses as mrkdwn, too. */
export function assertMrkdwn(text: string, { people, origin }: Allowed): void {
  for (const [markup, inside = ''] of text.matchAll(/<([^<>]*)>/g)) {
    const isDate = /^!date\^\d+\^/.test(inside);
    const isPerson = people.some((id) => inside === `@${id}`);
    const isChannel = /^#[CGD]\w+$/.test(inside);
    const isOurs = inside.startsWith(origin);
    assert.ok(isDate || isPerson || isChannel || isOurs, `${markup} in: ${text}`);
  }
}

const PINGS = new Set(['user', 'usergroup', 'broadcast', 'channel', 'team', 'date', 'emoji']);

function assertHonest(link: Record<string, unknown>, next: unknown): void {
  const domain = new URL(String(link.url)).hostname.replace(/^www\./, '');
  const after = isObject(next) ? String(next.text) : '';
  const shown = String(link.text ?? '').includes(domain) || after.startsWith(` (${domain})`);
  assert.ok(shown, `a link hides where it goes: ${JSON.stringify(link)}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
