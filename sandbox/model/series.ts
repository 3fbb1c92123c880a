import { callOf } from './calls.js';
import { isNamed, type Scene, toolNamed } from './scene.js';
import type { Stage } from './turn.js';

/** For tests: "one by one 300" makes 300 calls that only read, one in each turn. Readings that a summary counts aren't made again. */
export const series: Stage = (scene) => {
  const { wish, tools } = scene;
  const others = tools.filter(({ name }) => name !== 'ask_person' && name !== 'mark_step');
  const read = toolNamed(scene, 'list_todos') ?? others[0];
  const made = madeIn(scene);
  if (wish.series === undefined || !read || made >= wish.series) return undefined;
  const number = made + 1;
  const call = callOf(read, undefined, { step: 1, reason: `Reading ${number}` });
  return { say: `Reading ${number}.`, calls: [call] };
};

/** Number of readings, those before a summary included. */
function madeIn({ made, summary }: Scene): number {
  const before = /\b(\d+) readings were made\b/.exec(summary)?.[1];
  return Number(before ?? 0) + made.filter(({ name }) => !isNamed(name, 'mark_step')).length;
}

/** Sums up a conversation: its readings, and what it quotes of a summary before. */
export function summaryOf(prompt: string): string {
  const numbers = [...prompt.matchAll(/\bReading (\d+)\b|\b(\d+) readings were made\b/g)];
  const last = Math.max(0, ...numbers.map(([, one, other]) => Number(one ?? other)));
  return `So far ${last} readings were made, and nothing was changed.`;
}
