import { FILE_MAX_BYTES } from '../files/files.js';
import { type StoredFile, sharedFile } from '../files/stored-file.js';
import type { Block, Channel } from '../protocol.js';
import { isFields } from '../validation/problems.js';
import { contentOf, threadOf, writable } from './chat.js';
import { type Api, ApiError, type Args, type Method } from './request.js';
import { apiFile } from './shapes.js';

export const files: Record<string, Method> = {
  'files.getUploadURLExternal': (api, args) => {
    api.need('files:write');
    const name = args.need('filename');
    const length = Number(args.need('length'));
    if (length === 0) throw new ApiError('missing_argument');
    if (!Number.isInteger(length) || length < 0) throw new ApiError('invalid_arguments');
    if (length > FILE_MAX_BYTES) throw new ApiError('file_upload_size_restricted');
    const altText = args.string('alt_txt') ?? args.string('alt_text');
    const user = api.state.data.app.botUser;
    const { id, ticket } = api.files.announce({ name, length, user, ...(altText && { altText }) });
    return { upload_url: `${api.url}upload/v1/${ticket}`, file_id: id };
  },

  'files.completeUploadExternal': (api, args) => {
    api.need('files:write');
    const wanted = wantedFiles(args);
    if (wanted.some(({ id }) => !api.files.isReceived(id))) throw new ApiError('file_not_found');
    const channel = args.string('channel_id');
    const share =
      channel === undefined
        ? undefined
        : shareOf(api, args, writable(api, channel, 'posting_to_channel_denied'));
    const completed = wanted.map(({ id, title }) => api.files.complete(id, title));
    if (share) api.files.shareLater(() => shareFiles(api, completed, share));
    // Slack answers no more than this, and shares the files later.
    return { files: completed.map(({ id, title }) => ({ id, title })) };
  },

  'files.delete': (api, args) => {
    api.need('files:write');
    const id = args.need('file', 'file_not_found');
    const file = api.state.data.files[id];
    if (!file) throw new ApiError('file_not_found');
    if (file.user !== api.state.data.app.botUser) throw new ApiError('cant_delete_file');
    for (const { channel, ts } of file.shares) {
      const message = api.state.message(channel, ts);
      // A message that held only the file goes with it.
      if (message && message.text === '' && message.files?.length === 1) api.state.deleteMessage(message);
    }
    api.state.deleteFile(id);
    return {};
  },

  'files.info': (api, args) => {
    api.need('files:read');
    const file = api.state.data.files[args.need('file', 'file_not_found')];
    if (!file) throw new ApiError('file_not_found');
    if (api.state.fileFields.get(file.id)?.mode === 'tombstone') throw new ApiError('file_deleted');
    return { file: apiFile(api.state, file), comments: [], response_metadata: { next_cursor: '' } };
  },
};

function wantedFiles(args: Args): { id: string; title?: string }[] {
  const given = args.json('files', 'invalid_arguments');
  if (!Array.isArray(given) || given.length === 0) throw new ApiError('invalid_arguments');
  return given.map((entry: unknown) => {
    if (!isFields(entry) || typeof entry.id !== 'string') throw new ApiError('invalid_arguments');
    return { id: entry.id, ...(typeof entry.title === 'string' && { title: entry.title }) };
  });
}

/** The message that will show the files. */
interface Share {
  channel: Channel;
  text: string;
  blocks?: Block[];
  threadTs?: string;
}

function shareOf(api: Api, args: Args, channel: Channel): Share {
  const text = args.string('initial_comment') ?? '';
  const content = text === '' && args.string('blocks') ? contentOf(api, args) : { text };
  return { channel, ...content, ...threadOf(api, args, channel) };
}

function shareFiles(api: Api, completed: StoredFile[], { channel, ...content }: Share): void {
  const message = api.state.addMessage({
    channel: channel.id,
    user: api.state.data.app.botUser,
    files: completed.map(sharedFile),
    ...content,
  });
  for (const file of completed) {
    const { ts, threadTs } = message;
    file.shares.push({ channel: channel.id, ts, ...(threadTs && { threadTs }) });
    api.state.fileChanged(file);
  }
}
