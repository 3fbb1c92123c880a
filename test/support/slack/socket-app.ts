import { once } from 'node:events';
import { WebClient } from '@slack/web-api';
import { WebSocket } from 'ws';
import type { Workspace } from '../../../sandbox/workspace/index.js';

/** A payload that Slack sends in Socket Mode. */
export interface Envelope {
  envelope_id?: string;
  type: string;
  payload?: {
    type?: string;
    text?: string;
    trigger_id?: string;
    actions?: { action_id?: string }[];
  };
}

/** Connects a small app in Socket Mode, which acknowledges everything unless it is silent. `heard`: the payloads that came. */
export async function connectSocketApp(
  { credentials, apiUrl: slackApiUrl }: Workspace,
  { isSilent = false, hears = () => {} }: { isSilent?: boolean; hears?(envelope: Envelope): void } = {},
) {
  const { url = '' } = await new WebClient(credentials.appToken, { slackApiUrl }).apps.connections.open({});
  const socket = new WebSocket(url);
  const heard: Envelope[] = [];
  socket.on('message', (data) => {
    const envelope = JSON.parse(String(data)) as Envelope;
    if (!envelope.envelope_id) return;
    heard.push(envelope);
    if (!isSilent) socket.send(JSON.stringify({ envelope_id: envelope.envelope_id }));
    hears(envelope);
  });
  await once(socket, 'message');
  return { heard, close: () => socket.terminate() };
}
