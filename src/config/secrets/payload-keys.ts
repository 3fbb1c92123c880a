import { z } from 'zod';

/** `id:key` with the key in base64. Several are separated by commas, the current key first; `plain` may be among them. */
export const payloadKeys = z.string().transform((text, { addIssue }) => {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const keys = parts
    .filter((part) => part !== 'plain')
    .map((part) => {
      const [, id = '', encoded = ''] = /^([^:]+):(.+)$/.exec(part) ?? [];
      return { id, key: Buffer.from(encoded, 'base64') };
    });
  if (keys.some(({ id, key }) => id === '' || key.length !== 32))
    addIssue(
      'must be id:key, several with commas, a key being 32 bytes in base64. "openssl rand -base64 32" makes one.',
    );
  const twice = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) !== index);
  if (twice) addIssue(`the id "${twice.id}" is used twice. Give each key its own id.`);
  return { keys, takesPlain: parts.includes('plain') };
});
