import { Fragment, type ReactNode, useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { Message } from '../../workspace/protocol.js';
import { usePage } from '../live/page.js';
import { dayOf } from '../text/date.js';
import { ErrorBoundary } from './ErrorBoundary.js';
import { MessageItem } from './MessageItem.js';

/** Messages of one author within this time are grouped, in seconds. */
const GROUP_WITHIN = 300;
/** Distance from the end within which a reader counts as being there, in pixels. */
const NEAR = 120;

/** Messages, oldest first. New ones scroll into view for a reader at the end; other readers see a note. */
export function MessageList({
  label,
  messages,
  inThread = false,
  children,
}: {
  label: string;
  messages: readonly Message[];
  inThread?: boolean;
  children?: ReactNode;
}) {
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const lastTop = useRef(0);
  const [more, setMore] = useState(false);
  const { state } = usePage();
  const last = messages.at(-1);
  const lastOwn = messages.findLast(({ user, onlyFor }) => (onlyFor ?? user) === state.me)?.ts;
  const content = JSON.stringify([messages.length, last?.ts, last?.edited, last?.blocks?.length]);

  const toEnd = useCallback(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
    setMore(false);
  }, []);
  useLayoutEffect(() => {
    if (content && atEnd.current) toEnd();
    else setMore(true);
  }, [content, toEnd]);
  // A person's own message, or a private one from Slack, always scrolls into view.
  useLayoutEffect(() => {
    if (lastOwn) toEnd();
  }, [lastOwn, toEnd]);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    // The keyboard scrolls it.
    element.tabIndex = 0;
    // Text that arrives or wraps must not push the end out of view.
    const watcher = new ResizeObserver(
      () => atEnd.current && element.scrollTo({ top: element.scrollHeight }),
    );
    watcher.observe(element);
    for (const child of element.children) watcher.observe(child);
    return () => watcher.disconnect();
  }, []);

  return (
    <div className="messages-frame">
      <div
        ref={list}
        className="messages"
        role="log"
        aria-live="polite"
        aria-label={label}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          // Only the person's own scrolling leaves the end; growing content doesn't.
          const isNear = scrollHeight - scrollTop - clientHeight < NEAR;
          if (isNear) atEnd.current = true;
          else if (scrollTop < lastTop.current) atEnd.current = false;
          lastTop.current = scrollTop;
          if (isNear) setMore(false);
        }}
      >
        <div>
          {children}
          {messages.map((message, index) => {
            const before = messages[index - 1];
            const day = dayOf(message.ts);
            const newDay = !inThread && (!before || dayOf(before.ts) !== day);
            return (
              <Fragment key={message.ts}>
                {newDay && (
                  <div className="day">
                    <span>{day}</span>
                  </div>
                )}
                <ErrorBoundary instead="The sandbox can't show this message." content={message}>
                  <MessageItem
                    message={message}
                    follows={!newDay && continues(before, message)}
                    inThread={inThread}
                  />
                </ErrorBoundary>
              </Fragment>
            );
          })}
        </div>
      </div>
      {more && (
        <button type="button" className="new-messages" onClick={toEnd}>
          New messages ↓
        </button>
      )}
    </div>
  );
}

function continues(before: Message | undefined, message: Message): boolean {
  return (
    before !== undefined &&
    before.user === message.user &&
    before.onlyFor === message.onlyFor &&
    before.fromSlackbot === message.fromSlackbot &&
    before.replyCount === 0 &&
    !message.blocks &&
    Number(message.ts) - Number(before.ts) < GROUP_WITHIN
  );
}
