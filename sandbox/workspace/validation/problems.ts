/** An object from a request's JSON. */
export type Fields = Record<string, unknown>;

/** Collects errors in the JSON of a message or a view, with Slack's words and JSON pointers. */
export class Problems {
  readonly messages: string[] = [];

  add(pointer: string, what: string): void {
    this.messages.push(`[ERROR] ${what} [json-pointer:${pointer}]`);
  }

  /** Checks a required string of 1 to `max` characters. */
  text(fields: Fields, key: string, pointer: string, max: number): void {
    const value = fields[key];
    if (value === undefined) this.add(pointer, `missing required field: ${key}`);
    else if (typeof value !== 'string') this.add(`${pointer}/${key}`, 'must be a string');
    else if (value.length === 0) this.add(`${pointer}/${key}`, 'must be more than 0 characters');
    else if (value.length > max) this.add(`${pointer}/${key}`, `must be less than ${max + 1} characters`);
  }

  /** Checks an optional string. */
  optionalText(fields: Fields, key: string, pointer: string, max: number): void {
    if (fields[key] !== undefined && fields[key] !== null) this.text(fields, key, pointer, max);
  }

  /** Checks a text object; `plain`: mrkdwn is refused. */
  textObject(fields: Fields, key: string, pointer: string, max: number, plain = true): void {
    const value = fields[key];
    if (value === undefined || value === null) {
      this.add(pointer, `missing required field: ${key}`);
      return;
    }
    const at = `${pointer}/${key}`;
    if (!isFields(value)) {
      this.add(at, 'must provide an object');
      return;
    }
    if (value.type !== 'plain_text' && (plain || value.type !== 'mrkdwn')) {
      this.add(`${at}/type`, `must be ${plain ? 'plain_text' : 'plain_text or mrkdwn'}`);
    }
    this.text(value, 'text', at, max);
  }

  optionalTextObject(fields: Fields, key: string, pointer: string, max: number, plain = true): void {
    if (fields[key] !== undefined && fields[key] !== null) this.textObject(fields, key, pointer, max, plain);
  }

  /** Checks a list of `min` to `max` objects, each with `each`. */
  list(
    fields: Fields,
    key: string,
    pointer: string,
    [min, max]: [number, number],
    each: (item: Fields, at: string) => void = () => {},
  ): void {
    const value = fields[key];
    const at = `${pointer}/${key}`;
    if (value === undefined) this.add(pointer, `missing required field: ${key}`);
    else if (!Array.isArray(value)) this.add(at, 'must be an array');
    else if (value.length < min) this.add(at, `no less than ${min} items allowed`);
    else if (value.length > max) this.add(at, `no more than ${max} items allowed`);
    else for (const [index, item] of value.entries()) this.#object(item, `${at}/${index}`, each);
  }

  #object(item: unknown, at: string, each: (item: Fields, at: string) => void): void {
    if (isFields(item)) each(item, at);
    else this.add(at, 'must provide an object');
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
