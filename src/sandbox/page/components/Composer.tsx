import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { SlashCommand } from '../../workspace/protocol.js';
import { usePage } from '../live/page.js';
import { draftKey } from '../state/page-state.js';
import { CommandMenu, matching } from './CommandMenu.js';

/** Where people write. A text that begins with a slash is a command. */
export function Composer({
  channel,
  title,
  threadTs,
}: {
  channel: string;
  title: string;
  threadTs?: string;
}) {
  const { state, workspace, dispatch, live } = usePage();
  const field = useRef<HTMLTextAreaElement>(null);
  const [picked, setPicked] = useState(0);
  const [failure, setFailure] = useState('');
  const key = draftKey(state.me, channel, threadTs);
  const text = state.drafts[key] ?? '';
  const commands = threadTs ? [] : matching(workspace.commands, text);
  const setText = (next: string) => dispatch({ type: 'draft', key, text: next });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus follows the person into each place
  useEffect(() => field.current?.focus(), [key]);

  const complete = (command: SlashCommand | undefined) => {
    if (command) setText(`${command.command} `);
    setPicked(0);
  };
  const send = async () => {
    const written = text.trim();
    if (written === '') return;
    setText('');
    setFailure('');
    const answer = await say(written);
    if (answer.ok || answer.error === 'not_a_command') return;
    if (answer.error === 'operation_timeout' || answer.error === 'dispatch_failed') return;
    setFailure(answer.error);
    setText(written);
  };
  const say = (written: string) => {
    const [, command, rest = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(written) ?? [];
    if (command && !threadTs) {
      dispatch({ type: 'commanded', channel, since: Date.now() / 1000 });
      return live.request({ type: 'command', as: state.me, channel, command, text: rest });
    }
    return live.request({
      type: 'send',
      as: state.me,
      channel,
      text: written,
      ...(threadTs && { threadTs }),
    });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const menu = commands.length > 0;
    if (menu && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setPicked((picked + step + commands.length) % commands.length);
    } else if (menu && (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey))) {
      event.preventDefault();
      complete(commands[picked]);
    } else if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void send();
    }
  };

  return (
    <div className="composer">
      {commands.length > 0 && <CommandMenu commands={commands} picked={picked} onPick={complete} />}
      <div className="composer-box">
        <textarea
          ref={field}
          aria-label={threadTs ? 'Reply' : `Message ${title}`}
          placeholder={threadTs ? 'Reply…' : `Message ${title}, or type / for commands`}
          rows={Math.min(8, text.split('\n').length)}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="button"
          className="action primary send"
          disabled={text.trim() === ''}
          onClick={() => void send()}
        >
          Send
        </button>
      </div>
      {failure && (
        <p className="error" role="alert">
          {failure}
        </p>
      )}
    </div>
  );
}
