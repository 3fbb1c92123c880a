/** Caches answers; each caller says how old one may be. Concurrent callers share one request; a failure is not cached. */
export function remember<T>(read: (id: string) => Promise<T>): (id: string, maxAgeMs: number) => Promise<T> {
  const known = new Map<string, { at: number; answer: Promise<T> }>();
  return async (id, maxAgeMs) => {
    const last = known.get(id);
    if (last && Date.now() - last.at < maxAgeMs) return await last.answer;
    const answer = read(id);
    known.set(id, { at: Date.now(), answer });
    answer.catch(() => known.delete(id));
    return await answer;
  };
}
