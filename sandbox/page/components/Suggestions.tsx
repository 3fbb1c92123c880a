import type { Channel } from '../../workspace/protocol.js';
import { usePage } from '../live/page.js';

/** Prompts at the top of the app's Messages tab. A click sends the message. */
export function Suggestions({ channel }: { channel: Channel }) {
  const { state, workspace, live } = usePage();
  const { title = 'Try one of these', prompts = [] } = workspace.suggestions[state.me] ?? {};
  if (prompts.length === 0) return null;
  return (
    <section className="suggestions" aria-label="Suggested prompts">
      <h2>{title}</h2>
      <div>
        {prompts.map((prompt) => (
          <button
            key={prompt.title}
            type="button"
            title={prompt.message}
            onClick={() =>
              void live.request({ type: 'send', as: state.me, channel: channel.id, text: prompt.message })
            }
          >
            {prompt.title}
          </button>
        ))}
      </div>
    </section>
  );
}
