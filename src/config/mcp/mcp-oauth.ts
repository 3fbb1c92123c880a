import { z } from 'zod';

/** Makes the schema of a server's `oauth`, with the names that Claude Code uses. `text`: a value that may hold variables. */
export function oauthSchema(text: z.ZodType<string>) {
  return z.object({
    clientId: text.exactOptional(),
    clientSecret: text.exactOptional(),
    scopes: z
      .union([text, z.array(text).transform((scopes) => scopes.join(' '))], 'is no text and no list of texts')
      .exactOptional(),
    callbackPort: z.int().min(1).max(65_535).exactOptional(),
  });
}
