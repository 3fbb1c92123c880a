import type { Draft } from './send.js';

/** Levels of effort that the API knows. A model may know fewer. */
export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

/** Adds the effort to a request, as an optional part. Unset leaves it to the model. */
export function withEffort(draft: Draft, effort: Effort | undefined): Draft {
  if (!effort) return draft;
  return {
    ...draft,
    uses: [...draft.uses, 'effort'],
    build(without, ...others) {
      const params = draft.build(without, ...others);
      if (without.has('effort')) return params;
      return { ...params, output_config: { ...params.output_config, effort } };
    },
  };
}
