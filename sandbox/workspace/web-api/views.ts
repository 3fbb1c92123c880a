import { randomBytes } from 'node:crypto';
import type { Block } from '../protocol.js';
import type { StoredView } from '../state.js';
import { withIds } from '../validation/blocks.js';
import type { Fields } from '../validation/problems.js';
import { viewProblems } from '../validation/views.js';
import { type Api, ApiError, type Args, type Method } from './request.js';

/** Limit for the views in a stack of modals. */
const MAX_STACK = 3;

export const views: Record<string, Method> = {
  'views.open': (api, args) => {
    const given = viewOf(args, 'modal');
    const user = api.triggers.take(args.need('trigger_id', 'invalid_trigger_id'));
    const view = newView(api, given);
    api.state.openView(user, view);
    return { view };
  },

  'views.push': (api, args) => {
    const given = viewOf(args, 'modal');
    const user = api.triggers.take(args.need('trigger_id', 'invalid_trigger_id'));
    return { view: pushView(api, user, given) };
  },

  'views.update': (api, args) => {
    const id = args.string('view_id') ?? args.need('external_id');
    const found = api.state.findView(id);
    if (!found) throw new ApiError('not_found');
    const hash = args.string('hash');
    if (hash !== undefined && hash !== found.view.hash) throw new ApiError('hash_conflict');
    return { view: updateView(api, found.user, found.view, viewOf(args, found.view.type)) };
  },

  'views.publish': (api, args) => {
    const given = viewOf(args, 'home');
    const user = args.need('user_id');
    if (!api.state.person(user)) throw new ApiError('invalid_arguments');
    const before = api.state.data.homes[user];
    const view = newView(api, given, before ? { id: before.id } : {});
    api.state.publishHome(user, view);
    return { view };
  },
};

export function pushView(api: Pick<Api, 'state'>, user: string, given: Fields): StoredView {
  const stack = api.state.modals.get(user) ?? [];
  if (stack.length >= MAX_STACK) throw new ApiError('push_limit_reached');
  const [root] = stack;
  const previous = stack.at(-1);
  const view = newView(api, given, {
    ...(root && { root_view_id: root.id }),
    previous_view_id: previous?.id ?? null,
  });
  api.state.pushView(user, view);
  return view;
}

export function updateView(
  api: Pick<Api, 'state'>,
  user: string,
  view: StoredView,
  given: Fields,
): StoredView {
  const { id, root_view_id, previous_view_id } = view;
  Object.assign(view, newView(api, given, { id, root_view_id, previous_view_id }));
  if (view.type === 'home') api.state.publishHome(user, view);
  else api.state.viewChanged(user, view);
  return view;
}

/** Checks a view. @throws ApiError `invalid_arguments` with the view's errors. */
export function checkView(view: unknown, type: StoredView['type']): Fields {
  const messages = viewProblems(view, type);
  if (messages.length > 0) throw new ApiError('invalid_arguments', { response_metadata: { messages } });
  return view as Fields;
}

function viewOf(args: Args, type: StoredView['type']): Fields {
  return checkView(args.json('view'), type);
}

function newView({ state }: Pick<Api, 'state'>, given: Fields, own: Partial<StoredView> = {}): StoredView {
  const id = own.id ?? state.newId('V');
  const { team, app, grid } = state.data;
  const blocks = withIds((given.blocks ?? []) as Fields[], (prefix) => state.newId(prefix));
  return {
    id,
    team_id: team.id,
    // Slack names the organization where the app is installed for all of it.
    app_installed_team_id: grid?.isOrgWide ? grid.id : team.id,
    type: given.type === 'home' ? 'home' : 'modal',
    callback_id: String(given.callback_id ?? ''),
    private_metadata: String(given.private_metadata ?? ''),
    external_id: String(given.external_id ?? ''),
    ...(given.type === 'modal' && {
      title: given.title as NonNullable<StoredView['title']>,
      submit: (given.submit ?? null) as StoredView['submit'] & object,
      close: (given.close ?? null) as StoredView['close'] & object,
    }),
    blocks: blocks as unknown as Block[],
    state: { values: {} },
    hash: `${Math.floor(Date.now() / 1000)}.${randomBytes(4).toString('hex')}`,
    clear_on_close: given.clear_on_close === true,
    notify_on_close: given.notify_on_close === true,
    root_view_id: own.root_view_id ?? id,
    previous_view_id: own.previous_view_id ?? null,
    app_id: app.id,
    bot_id: app.botId,
  };
}
