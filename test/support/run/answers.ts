import type { World } from './world.js';

/** Lets a tool give these answers, one a call; the last one stands for all further calls. Returns what counts the calls. */
export function answerInTurn(world: World, tool: string, ...answers: (string | Error)[]): () => number {
  let calls = 0;
  world.answers.set(tool, async () => {
    const answer = answers[Math.min(calls, answers.length - 1)] ?? '';
    calls += 1;
    if (answer instanceof Error) throw answer;
    return { content: [{ type: 'text', text: answer }], isError: false };
  });
  return () => calls;
}
