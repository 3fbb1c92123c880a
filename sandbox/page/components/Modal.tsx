import { type FormEvent, useState } from 'react';
import type { Json, View } from '../../workspace/protocol.js';
import { Blocks } from '../blocks/Blocks.js';
import { usePage } from '../live/page.js';
import { scrollable } from '../live/scrollable.js';
import { collectState } from '../state/inputs.js';
import { containerKey } from '../state/page-state.js';
import { Dialog } from './Dialog.js';
import { ErrorBoundary } from './ErrorBoundary.js';

/** The topmost modal of the acting person. A refused or unanswered submission keeps the modal open, with its text. */
export function Modal({ view }: { view: View }) {
  const { state, dispatch, live } = usePage();
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState('');

  const close = () => {
    void live.request({ type: 'close', as: state.me, viewId: view.id });
    dispatch({ type: 'viewGone', viewId: view.id });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (pending) return;
    setPending(true);
    setFailure('');
    const values = collectState(view.blocks, state.typed[containerKey(state.me, view.id)]) as unknown as Json;
    const answer = await live.request({ type: 'submit', as: state.me, viewId: view.id, state: values });
    setPending(false);
    if (answer.ok) return;
    if (answer.errors) dispatch({ type: 'refused', viewId: view.id, errors: answer.errors });
    else setFailure(answer.error);
  };

  return (
    <Dialog title={view.title ?? ''} onClose={close}>
      <form onSubmit={submit} noValidate>
        <div className="dialog-body" ref={scrollable}>
          <ErrorBoundary instead="The sandbox can't show this modal." content={view}>
            <Blocks blocks={view.blocks} surface={{ kind: 'view', view }} />
          </ErrorBoundary>
          {failure && (
            <p className="error" role="alert">
              {failure}
            </p>
          )}
        </div>
        <footer>
          <button type="button" className="action default" onClick={close}>
            {view.close ?? 'Close'}
          </button>
          {view.submit && (
            <button type="submit" className="action primary" aria-disabled={pending} aria-busy={pending}>
              {view.submit}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}
