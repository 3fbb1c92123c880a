import { usePage } from '../live/page.js';
import { queuedIn, typedCommand } from '../state/selectors.js';

/** A person's commands that wait until the service is ready. */
export function QueuedCommands({ channel }: { channel: string }) {
  const { state } = usePage();
  return (
    <div className="queued" role="status">
      {queuedIn(state, channel).map((queued) => (
        <p key={queued.id}>
          <span aria-hidden="true">⏳</span> Waiting for the service: <code>{typedCommand(queued)}</code>
        </p>
      ))}
    </div>
  );
}
