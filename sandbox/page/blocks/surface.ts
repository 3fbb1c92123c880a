import type { Block, Json, Message, View } from '../../workspace/protocol.js';
import { usePage } from '../live/page.js';
import { collectState, type Element, type InputValue } from '../state/inputs.js';
import { containerKey, elementKey } from '../state/page-state.js';

/** Surface of blocks: a message, a modal or App Home. */
export type Surface = { kind: 'message'; message: Message } | { kind: 'view'; view: View };

export const blocksOf = (surface: Surface): readonly Block[] =>
  surface.kind === 'message' ? (surface.message.blocks ?? []) : surface.view.blocks;

const surfaceId = (surface: Surface) =>
  surface.kind === 'message' ? `${surface.message.channel}:${surface.message.ts}` : surface.view.id;

/** Actions and typed values of the elements on a surface. */
export function useSurface(surface: Surface) {
  const { state, dispatch, live } = usePage();
  const container = containerKey(state.me, surfaceId(surface));
  const typed = state.typed[container];

  return {
    failure: state.failures[container],
    value: (blockId: string, actionId: string): InputValue | undefined => typed?.[blockId]?.[actionId],
    type: (blockId: string, actionId: string, value: InputValue) =>
      dispatch({ type: 'typed', container, blockId, actionId, value }),
    isPending: (blockId: string, actionId: string) =>
      state.pending[elementKey(container, blockId, actionId)] === true,

    /** Sends a click with the chosen value and the values of the inputs beside it. */
    async act(element: Element, blockId: string, chosen: object = {}): Promise<void> {
      const actionId = element.action_id ?? '';
      const key = elementKey(container, blockId, actionId);
      const thread =
        surface.kind === 'message'
          ? { channel: surface.message.channel, ts: surface.message.threadTs ?? surface.message.ts }
          : undefined;
      dispatch({ type: 'clicked', element: key, container, ...(thread && { thread }) });
      const answer = await live.request({
        type: 'action',
        as: state.me,
        container:
          surface.kind === 'message'
            ? { type: 'message', channel: surface.message.channel, ts: surface.message.ts }
            : { type: 'view', viewId: surface.view.id },
        blockId,
        actionId,
        element: { ...element, ...chosen } as unknown as Json,
        state: collectState(blocksOf(surface), typed) as unknown as Json,
      });
      dispatch({ type: 'settled', element: key, container, ...(!answer.ok && { error: answer.error }) });
    },
  };
}
