/** A secret, or a function that returns its current value: a secret from a file may change while the service runs. */
export type Secret = string | (() => string);

export function reveal(secret: Secret): string {
  return typeof secret === 'string' ? secret : secret();
}
