import { useEffect, useRef, useState } from 'react';
import { usePage } from '../live/page.js';
import { draftKey } from '../state/page-state.js';
import { isAppChannel, queuedIn, typedCommand } from '../state/selectors.js';
import { CompletionMenu } from './CompletionMenu.js';
import { useCompletions } from './completions.js';
import { QueuedCommands } from './QueuedCommands.js';

/** Errors of commands about which Slackbot has already told the person. */
const TOLD = ['not_a_command', 'not_supported_in_threads', 'operation_timeout', 'dispatch_failed'];
/** Those after which the same text can be sent again. */
const PASSING = ['operation_timeout', 'dispatch_failed'];

/** Text field for messages. A text with a leading slash is a command; `@` mentions a person. */
export function Composer({
  channel,
  title,
  threadTs,
}: {
  channel: string;
  title: string;
  threadTs?: string;
}) {
  const { state, workspace, get, dispatch, live } = usePage();
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [failure, setFailure] = useState('');
  const [files, setFiles] = useState<{ id: string; name: string }[]>([]);
  const key = draftKey(state.me, channel, threadTs);
  const text = state.drafts[key] ?? '';
  const setText = (next: string) => dispatch({ type: 'draft', key, text: next });
  const completions = useCompletions({ field, text, setText, inThread: threadTs !== undefined });
  const bot = workspace.people[workspace.app.botUser]?.name ?? '';
  const place = workspace.channels[channel];
  const hint = place && isAppChannel(place, workspace) ? '' : ` (@${bot} asks the app)`;

  useEffect(() => field.current?.focus(), [key]);

  const send = async () => {
    const written = text.trim();
    if (written === '' && files.length === 0) return;
    setText('');
    setFailure('');
    const answer = await say(written);
    if (answer.ok) setFiles([]);
    // The workspace keeps a command that waits, also over a restart.
    const isQueued = queuedIn(get(), channel).some((queued) => typedCommand(queued) === written);
    if (answer.ok || isQueued) return;
    const isTold = TOLD.includes(answer.error);
    if (!isTold) setFailure(answer.error);
    if (!isTold || PASSING.includes(answer.error)) dispatch({ type: 'unsent', key, text: written });
  };
  const say = (written: string) => {
    const [, command, rest = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(written) ?? [];
    const request = { as: state.me, channel, ...(threadTs && { threadTs }) };
    if (!threadTs && (command || written.includes(`@${bot}`)))
      dispatch({ type: 'commanded', channel, since: Date.now() / 1000 });
    if (command) return live.request({ type: 'command', ...request, command, text: rest });
    return live.request({ type: 'send', ...request, text: written, files: files.map(({ id }) => id) });
  };
  const attach = async (chosen: File[]) => {
    for (const file of chosen) {
      const id = await live.upload(file, state.me);
      if (id === undefined) setFailure(`${file.name} could not be uploaded. It may have 10 MB.`);
      else setFiles((before) => [...before, { id, name: file.name }]);
    }
  };

  return (
    <div className="composer">
      {!threadTs && <QueuedCommands channel={channel} />}
      {completions.items.length > 0 && <CompletionMenu {...completions} onPick={completions.pick} />}
      <div className="composer-box">
        <textarea
          ref={field}
          aria-label={threadTs ? 'Reply' : `Message ${title}`}
          placeholder={threadTs ? `Reply…${hint}` : `Message ${title}, or type / for commands`}
          rows={Math.min(8, text.split('\n').length)}
          value={text}
          onChange={({ target }) => {
            setText(target.value);
            completions.moved(target.selectionStart);
          }}
          onKeyUp={({ currentTarget }) => completions.moved(currentTarget.selectionStart)}
          onClick={({ currentTarget }) => completions.moved(currentTarget.selectionStart)}
          onKeyDown={(event) => {
            if (completions.onKeyDown(event)) return;
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            void send();
          }}
        />
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Files to attach"
          onChange={({ target }) => {
            void attach([...(target.files ?? [])]);
            target.value = '';
          }}
        />
        <button
          type="button"
          className="action"
          aria-label="Attach files"
          onClick={() => picker.current?.click()}
        >
          Attach
        </button>
        <button
          type="button"
          className="action primary send"
          disabled={text.trim() === '' && files.length === 0}
          onClick={() => void send()}
        >
          Send
        </button>
      </div>
      {files.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          className="quiet"
          aria-label={`Remove ${name}`}
          onClick={() => setFiles(files.filter((file) => file.id !== id))}
        >
          {name} ✕
        </button>
      ))}
      {failure && (
        <p className="error" role="alert">
          {failure}
        </p>
      )}
    </div>
  );
}
