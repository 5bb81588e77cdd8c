/** Puts the parts together: the one place that knows them all. Whoever calls it brings the outside world. */

import { QueryClient } from '@tanstack/react-query';
import type { Query } from '@tanstack/react-query';

import { createApi } from './api/api';
import type { Api } from './api/api';
import { EchoLedger } from './api/echo';
import { reasonOf } from './api/errors';
import type { User, UserChanges } from './api/models';
import type { Clock } from './realtime/clock';
import { Connection } from './realtime/connection';
import type { OnlineSource } from './realtime/online';
import { TokenRenewal } from './realtime/renewal';
import { Session } from './realtime/session';
import type { SharedValue } from './realtime/shared-value';
import type { OpenSocket } from './realtime/socket';
import type { VisibilitySource } from './realtime/visibility';
import { Activity } from './sync/activity';
import { BlockStore } from './sync/block-store';
import { BlockWrites } from './sync/block-writes';
import { keys } from './sync/buckets';
import { DayLoader } from './sync/day-loader';
import { Drafts } from './sync/drafts';
import { EventSync } from './sync/event-sync';
import type { FrameSource } from './sync/frame';
import { refresh } from './sync/held-query';
import { Notices } from './sync/notices';
import { Outbox } from './sync/outbox';
import { Patience } from './sync/patience';
import { SignOut } from './sync/sign-out';
import { SubtaskWrites } from './sync/subtask-writes';
import { TaskStore } from './sync/task-store';
import { TaskWrites } from './sync/task-writes';
import { Today } from './sync/today';

/** Everything that a test replaces. */
export interface Outside {
  fetch: typeof fetch;
  openSocket: OpenSocket;
  /** `https://host`, without a slash at the end. */
  origin: string;
  clock: Clock;
  online: OnlineSource;
  visibility: VisibilitySource;
  frames: FrameSource;
  token: SharedValue;
  random: () => number;
  newId: () => string;
  timeoutSignal: () => AbortSignal;
}

export interface Planner {
  session: Session;
  connection: Connection;
  api: Api;
  client: QueryClient;
  days: DayLoader;
  patience: Patience;
  taskStore: TaskStore;
  blockStore: BlockStore;
  outbox: Outbox;
  drafts: Drafts;
  tasks: TaskWrites;
  subtasks: SubtaskWrites;
  blocks: BlockWrites;
  activity: Activity;
  notices: Notices;
  today: Today;
  signOut: SignOut;
  /** Who is signed in; on the first answer the tab goes live, from the place in the log that the answer told. */
  loadUser: () => Promise<User>;
  changeUser: (changes: UserChanges) => Promise<void>;
}

export function createPlanner(outside: Outside): Planner {
  const { clock, random, newId } = outside;
  const session = new Session(outside.token);
  const ledger = new EchoLedger();
  const connection = new Connection({ ...outside, session, url: `${outside.origin.replace(/^http/, 'ws')}/ws` });
  const api = createApi({
    ...outside,
    baseUrl: outside.origin,
    session,
    ledger,
    connectionId: () => (connection.state.kind === 'live' ? connection.state.connectionId : null),
  });
  const client = createClient(connection);
  const taskStore = new TaskStore(client);
  const blockStore = new BlockStore(client);
  const outbox = new Outbox(clock, random);
  const patience = new Patience(clock, random);
  const nowIso = () => new Date(clock.now()).toISOString();
  const writes = { api, outbox, newId, nowIso, tasks: taskStore, blocks: blockStore };
  const tasks = new TaskWrites(writes);
  const blocks = new BlockWrites(writes);
  const notices = new Notices(clock);
  const problem = (text: string) => notices.show({ text, tone: 'problem' });
  const drafts = new Drafts({ clock, tell: problem, save: (base, changes) => tasks.changeText(base, changes) });
  const today = new Today(clock, outside.visibility);
  const activity = new Activity({
    clock,
    today: () => today.date,
    titleOf: (id) => (taskStore.find(id) ?? blockStore.find(id))?.title ?? null,
    show: (notice, replacing) => notices.show(notice, replacing),
    restore: ({ kind, id }) => {
      const restored: Promise<unknown> = kind === 'task' ? tasks.restore(id) : blocks.restore(id);
      restored.catch((error: unknown) => problem(`Couldn’t undo: ${reasonOf(error)}`));
    },
  });
  const sync = new EventSync({
    client,
    ledger,
    clock,
    frames: outside.frames,
    visibility: outside.visibility,
    tasks: taskStore,
    blocks: blockStore,
    noticed: (event) => activity.noticed(event),
  });
  const renewal = new TokenRenewal({ ...outside, session, renew: async () => (await api.account.refresh()).token });

  const dropUnsaved = () => {
    outbox.clear();
    drafts.clear();
  };
  const leave = async () => {
    dropUnsaved();
    // The server ends it as that of a session that was refused, and maybe before it answers.
    connection.stop();
    try {
      await api.account.logout();
    } finally {
      session.end();
    }
  };
  const signOut = new SignOut({ clock, outbox, drafts, leave });
  connection.onEvent((event) => sync.receive(event));
  const retryNow = () => {
    outbox.retryNow();
    patience.retryNow();
  };
  connection.onStale(() => sync.refreshAll());
  connection.onState(({ kind }) => {
    if (kind !== 'live') return;
    retryNow();
    const isBehind = (query: Query) => query.state.isInvalidated && query.state.fetchStatus === 'idle';
    void client.refetchQueries({ type: 'active', predicate: isBehind });
  });
  outside.online.subscribe(() => {
    if (outside.online.isOnline()) retryNow();
  });
  outside.visibility.subscribe(retryNow);
  let owner = session.userId;
  session.subscribe((change) => {
    if (change === 'renewed') return;
    notices.clear();
    signOut.stay();
    activity.closeList();
    client.clear();
    if (change === 'signed-out') {
      outbox.pause();
      return connection.stop();
    }
    // What the end of a session left unsaved waits for its own user.
    if (session.userId !== owner) dropUnsaved();
    owner = session.userId;
    outbox.resume();
  });
  renewal.start();

  return {
    session,
    connection,
    api,
    client,
    days: new DayLoader((query, signal) => api.tasks.list(query, signal)),
    patience,
    taskStore,
    blockStore,
    outbox,
    drafts,
    tasks,
    subtasks: new SubtaskWrites(writes),
    blocks,
    activity,
    notices,
    today,
    signOut,
    loadUser: async () => {
      const { data, position } = await api.account.me();
      today.setTimeZone(data.timezone);
      connection.start(position);
      return data;
    },
    changeUser: async (changes) => {
      const user = await api.account.change(changes);
      today.setTimeZone(user.timezone);
      // One that is being read may have been read before.
      if (client.isFetching({ queryKey: keys.me }) > 0) await refresh(client, { queryKey: keys.me });
      else client.setQueryData(keys.me, user);
    },
  };
}

/** While the line is live, events say what is stale; while it is not, looking at the page again does. Reads have Patience. */
function createClient(connection: Connection): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: () => (connection.state.kind === 'live' ? Infinity : 10_000),
        gcTime: 30 * 60_000,
        networkMode: 'always',
        retry: false,
        refetchOnReconnect: false,
      },
      mutations: { networkMode: 'always' },
    },
  });
}
