import { bodyOf, familyOf } from './families.js';

/** Footer of every result. */
export const SIGNED =
  '*Written by the simulated model of the sandbox. Set `ANTHROPIC_API_KEY` for the real Claude.*';

/** Writes the result of a plan without tools, in Markdown: the outcome of each step, in order. */
export function resultOf(prompt: string): string {
  const plan = /^Execute: ([\s\S]*?)\nApproval: /.exec(prompt)?.[1] ?? '';
  const approval = /\nApproval: ([\s\S]*?)\n\nThe goal was: /.exec(prompt)?.[1]?.trim() ?? '';
  const goal = /\n\nThe goal was: ([\s\S]*)$/.exec(prompt)?.[1]?.trim() ?? plan.split('\n')[0] ?? '';
  const steps = [...plan.matchAll(/^\d+\. (.+)$/gm)].map(([, step = '']) => /^(.+?)(?:: (.*))?$/.exec(step));
  const family = familyOf(goal);
  const note = /\nNote of \S+, who approved: ([\s\S]*)$/.exec(approval)?.[1] ?? '';
  return [
    `## ${plan.split('\n')[0]?.replace(/^# /, '') || goal}`,
    bodyOf(family, { goal }),
    ...(note ? [`> The approval came with a note, which was heeded: ${note}`] : []),
    '### Step by step',
    steps.map((step, index) => `${index + 1}. **${step?.[1]}** ✓ ${step?.[2] ?? ''}`.trimEnd()).join('\n'),
    '### Your next steps',
    family.left.map((item) => `- ${item}`).join('\n'),
    SIGNED,
  ].join('\n\n');
}
