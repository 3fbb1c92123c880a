import { z } from 'zod';

/** A schema for each field of an object type; optional fields have optional schemas. */
export type Shape<T> = {
  [K in keyof T]-?: undefined extends T[K] ? z.ZodExactOptional<z.ZodType<Required<T>[K]>> : z.ZodType<T[K]>;
};

/** Schema of an object type that is written elsewhere: the compiler says where the two differ, in either direction. */
export function object<T extends object>(shape: Shape<T>): z.ZodType<T> {
  // Zod's own type of the object doesn't know T; `Shape` has checked field by field that it is the same.
  return z.object(shape) as unknown as z.ZodType<T>;
}

export function optional<T>(schema: z.ZodType<T>): z.ZodExactOptional<z.ZodType<T>> {
  return z.exactOptional(schema);
}

/** Schema of a union of words, all of them. */
export function oneOf<T extends string>(words: Record<T, true>): z.ZodType<T> {
  return z.custom<T>((value) => typeof value === 'string' && Object.hasOwn(words, value));
}

export const text = z.string();
export const number = z.number();
export const texts = z.array(z.string());
