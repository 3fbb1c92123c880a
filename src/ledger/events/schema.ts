import { z } from 'zod';

/** A schema for each field of an object type; optional fields have optional schemas. */
type Shape<T> = {
  [K in keyof T]-?: undefined extends T[K] ? z.ZodExactOptional<z.ZodType<Required<T>[K]>> : z.ZodType<T[K]>;
};

/** Schema of an object type that is defined elsewhere. The compiler reports any difference between the two. */
export function object<T extends object>(shape: NoInfer<Shape<T>>): z.ZodType<T> {
  // Zod's inferred type of the object doesn't know T; `Shape` has compared both field by field.
  return z.object(shape) as unknown as z.ZodType<T>;
}

/** The member of a union that a tag selects, without the tag. */
type Variant<T, Tag extends keyof T, Word> = T extends unknown
  ? Word extends T[Tag]
    ? Shape<Omit<T, Tag>>
    : never
  : never;

/** Schema of a union of objects, by the values of its tag. The compiler compares it with the type, as for `object`. */
export function union<T extends object, Tag extends keyof T & string>(
  tag: Tag,
  variants: { [Word in T[Tag] & string]: Variant<T, Tag, Word> },
): z.ZodType<T> {
  const schemas = Object.entries<object>(variants).map(([word, shape]) =>
    z.object({ ...shape, [tag]: z.literal(word) }),
  );
  return z.union(schemas) as unknown as z.ZodType<T>;
}

export function optional<T>(schema: z.ZodType<T>): z.ZodExactOptional<z.ZodType<T>> {
  return z.exactOptional(schema);
}

export function list<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  return z.array(item);
}

/** Schema of a union of string literals; all must be listed. */
export function oneOf<T extends string>(words: NoInfer<Record<T, true>>): z.ZodType<T> {
  return z.custom<T>((value) => typeof value === 'string' && Object.hasOwn(words, value));
}

export const text = z.string();
export const number = z.number();
export const flag = z.boolean();
export const texts = z.array(z.string());
