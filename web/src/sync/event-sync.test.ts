import { beforeEach, describe, expect, it } from 'vitest';

import type { Task } from '../api/models';
import { openTab } from '../testing/fake-outside';
import type { Tab } from '../testing/fake-outside';
import { fakeBlock, fakeTask } from '../testing/fake-rows';
import { AGENT, FakeServer, OTHER_TAB, RETRY_AFTER_SECONDS } from '../testing/fake-server';
import { watchBlocks, watchBucket, watchTask, watchUser } from '../testing/watch';
import { addDays } from './dates';

const TODAY = '2026-11-23';
const TOMORROW = '2026-11-24';
const WEEK = [0, 1, 2, 3, 4, 5, 6].map((days) => addDays(TODAY, days));

const ids = (tasks: Task[]) => tasks.map((task) => task.id);

describe('EventSync', () => {
  let server: FakeServer;
  let tab: Tab;
  let days: Record<string, () => Task[]>;
  let backlog: () => Task[];
  let earlier: () => Task[];

  const agent = (method: string, path: string, body?: object) => server.as(AGENT).write(method, path, body);
  const day = (date: string) => ids(days[date]?.() ?? []);
  /** Requests since the last call. */
  const requests = () => server.requests.splice(0);
  const pass = (ms = 50) => tab.clock.run(ms);
  const taskA = () => server.tasks.find((task) => task.id === 'a') as Task;

  beforeEach(async () => {
    server = new FakeServer();
    server.seed(
      [
        fakeTask({ id: 'a', scheduledDate: TODAY, position: 0 }),
        fakeTask({ id: 'b', scheduledDate: TODAY, position: 1 }),
        fakeTask({ id: 'c', scheduledDate: TOMORROW }),
        fakeTask({ id: 'old', scheduledDate: '2026-11-20' }),
        fakeTask({ id: 'later' }),
      ],
      [fakeBlock({ id: 'x', taskId: 'a' })],
    );
    tab = openTab(server);
    await tab.planner.loadUser();
    days = Object.fromEntries(WEEK.map((date) => [date, watchBucket(tab.planner, { kind: 'day', date })]));
    backlog = watchBucket(tab.planner, { kind: 'backlog' });
    earlier = watchBucket(tab.planner, { kind: 'earlier', before: TODAY });
    await pass();
  });

  it('loads the board in three requests and goes live without fetching again', () => {
    expect(requests().length).toBe(4); // the user, the week, the backlog, earlier days
    expect(tab.planner.connection.state.kind).toBe('live');
    expect([day(TODAY), day(TOMORROW), ids(backlog()), ids(earlier())]).toEqual([['a', 'b'], ['c'], ['later'], ['old']]);
  });

  describe('one event', () => {
    beforeEach(() => void requests());

    it('costs one request for the day it is about', async () => {
      agent('POST', '/tasks', { title: 'New', scheduledDate: TOMORROW });
      await pass();
      expect(requests()).toEqual([`GET /tasks?from=${TOMORROW}&to=${TOMORROW}&includeSubtasks=true&limit=500&page=1`]);
      expect(day(TOMORROW)).toEqual(['c', 'new-1']);
    });

    it('costs one request when the task moved to another day', async () => {
      agent('PATCH', '/tasks/a', { scheduledDate: TOMORROW });
      await pass();
      expect(requests().length).toBe(1);
      expect([day(TODAY), day(TOMORROW)]).toEqual([['b'], ['c', 'a']]);
    });

    it('costs one request when the task came out of the backlog or from an earlier day', async () => {
      agent('PATCH', '/tasks/later', { scheduledDate: TODAY });
      await pass(500);
      expect([requests().length, ids(backlog())]).toEqual([1, []]);
      agent('PATCH', '/tasks/old', { scheduledDate: TODAY });
      await pass();
      expect([requests().length, ids(earlier())]).toEqual([1, []]);
    });

    it('costs no request when the task was deleted', async () => {
      agent('DELETE', '/tasks/a');
      await pass();
      expect([requests(), day(TODAY)]).toEqual([[], ['b']]);
    });

    it('costs one request for a new order with tasks from elsewhere', async () => {
      agent('POST', '/tasks/reorder', { date: TODAY, taskIds: ['b', 'c', 'later'] });
      await pass();
      expect(requests().length).toBe(1);
      expect([day(TODAY), day(TOMORROW), ids(backlog())]).toEqual([['b', 'c', 'later', 'a'], [], []]);
    });

    it('refreshes an open task along with its list, without a request of its own', async () => {
      const open = watchTask(tab.planner, 'a');
      agent('PATCH', '/tasks/a', { title: 'Renamed' });
      await pass();
      expect([requests().length, open()?.title]).toEqual([1, 'Renamed']);
    });

    it('says nothing about days that nobody looks at', async () => {
      agent('POST', '/tasks', { title: 'Far', scheduledDate: '2027-05-01' });
      await pass();
      expect(requests()).toEqual([]);
    });

    it('makes stale the blocks that show the task, and only those', async () => {
      const blocks = watchBlocks(tab.planner, TODAY);
      const others = watchBlocks(tab.planner, TOMORROW);
      await pass();
      requests();
      agent('PATCH', '/tasks/a', { title: 'Renamed' });
      await pass();
      expect(requests().filter((line) => line.includes('time-blocks'))).toEqual([`GET /time-blocks?date=${TODAY}&limit=500&page=1`]);
      expect([blocks()[0]?.task?.title, others()]).toEqual(['Renamed', []]);
    });

    it('of the profile fetches the profile alone', async () => {
      watchUser(tab.planner);
      await pass();
      requests();
      agent('PATCH', '/auth/me', { timezone: 'Asia/Tokyo' });
      await pass();
      expect(requests()).toEqual(['GET /auth/me']);
      expect(tab.planner.today.timeZone).toBe('Asia/Tokyo');
    });
  });

  it('costs at most six requests for a hundred events in a second', async () => {
    requests();
    for (let n = 0; n < 100; n += 1) {
      agent('POST', '/tasks', { title: `Task ${n}`, scheduledDate: WEEK[n % 7] });
      await pass(10);
    }
    await pass(3_000);
    expect(requests().length).toBeLessThanOrEqual(6);
    expect(WEEK.flatMap(day).length).toBe(103);
  });

  it('fetches a move there and back right', async () => {
    agent('PATCH', '/tasks/a', { scheduledDate: TOMORROW });
    agent('PATCH', '/tasks/a', { scheduledDate: TODAY });
    await pass();
    expect([day(TODAY), day(TOMORROW)]).toEqual([['b', 'a'], ['c']]);
  });

  describe('the own echo', () => {
    beforeEach(() => void requests());

    it('is left alone once the answer is there', async () => {
      await tab.planner.tasks.change(taskA(), { priority: 'P0' });
      await pass();
      expect(requests()).toEqual(['PATCH /tasks/a']);
      expect(tab.planner.connection.position?.lastEventId).toBe(1);
    });

    it('is left alone when it overtakes the answer', async () => {
      const open = server.hold();
      const write = tab.planner.tasks.change(taskA(), { priority: 'P0' });
      await pass();
      expect(tab.planner.connection.position?.lastEventId).toBe(1);
      open();
      await write;
      await pass(500);
      expect(requests()).toEqual(['PATCH /tasks/a']);
    });

    it('makes the tab fetch when the answer was lost', async () => {
      server.mishaps.push('lost');
      const write = tab.planner.tasks.change(taskA(), { priority: 'P0' });
      await pass();
      expect(requests()).toEqual(['PATCH /tasks/a', expect.stringContaining(`GET /tasks?from=${TODAY}`)]);
      expect(tab.planner.outbox.pending.unsavedIds.has('a')).toBe(true);
      await tab.clock.run(5_000);
      await expect(write).resolves.toMatchObject({ priority: 'P0' });
    });

    it('is not an excuse to miss what others do at the same moment', async () => {
      const write = tab.planner.tasks.change(taskA(), { priority: 'P0' });
      agent('PATCH', '/tasks/a', { title: 'Theirs' });
      await write;
      await pass();
      expect(days[TODAY]?.()[0]).toMatchObject({ priority: 'P0', title: 'Theirs' });
    });
  });

  describe('when the server does not answer', () => {
    it('keeps a moved task where it was until its new day can be fetched', async () => {
      server.mishaps.push('limited');
      agent('PATCH', '/tasks/a', { scheduledDate: TOMORROW });
      await pass(500);
      expect([day(TODAY), day(TOMORROW)]).toEqual([['a', 'b'], ['c']]);
      expect(tab.planner.patience.failure?.message).toBe('Refused with 429');
      await pass(RETRY_AFTER_SECONDS * 1_000);
      expect([day(TODAY), day(TOMORROW)]).toEqual([['b'], ['c', 'a']]);
      expect(tab.planner.patience.failure).toBeNull();
    });

    it('does not keep other lists waiting for one that hangs', async () => {
      const open = server.hold();
      agent('PATCH', '/tasks/c', { title: 'Hangs' });
      await pass();
      server.letThrough();
      agent('PATCH', '/tasks/later', { title: 'Goes on' });
      await pass(6_000);
      expect(backlog()[0]?.title).toBe('Goes on');
      open();
    });

    it('remembers a there and back through an outage', async () => {
      const STEP_MS = 250; // so much time passes here that small steps would take seconds
      server.mishaps.push('limited', 'limited');
      agent('POST', '/tasks/reorder', { date: TOMORROW, taskIds: ['a', 'c'] });
      await tab.clock.run(6_000, STEP_MS);
      agent('POST', '/tasks/reorder', { date: TODAY, taskIds: ['a', 'b'] });
      await tab.clock.run(RETRY_AFTER_SECONDS * 2_000, STEP_MS);
      expect([day(TODAY), day(TOMORROW)]).toEqual([['a', 'b'], ['c']]);
    });
  });

  describe('a task that goes away by a new order and comes back at once', () => {
    const back = () => agent('POST', '/tasks/reorder', { date: TODAY, taskIds: ['a', 'b'] });

    it('stays, when the other day is shown', async () => {
      agent('POST', '/tasks/reorder', { date: TOMORROW, taskIds: ['a', 'c'] });
      back();
      await pass();
      expect([day(TODAY), day(TOMORROW)]).toEqual([['a', 'b'], ['c']]);
    });

    it('stays, when the other day is not shown', async () => {
      agent('POST', '/tasks/reorder', { date: '2027-05-01', taskIds: ['a'] });
      back();
      await pass();
      expect(day(TODAY)).toEqual(['a', 'b']);
    });
  });

  it('refreshes an open panel whose task a new order takes to a day that is not shown', async () => {
    const open = watchTask(tab.planner, 'a');
    agent('POST', '/tasks/reorder', { date: '2027-05-01', taskIds: ['a'] });
    await pass();
    expect(open()?.scheduledDate).toBe('2027-05-01');
  });

  describe('a page that nobody looks at', () => {
    beforeEach(() => {
      requests();
      tab.visibility.hide();
    });

    it('fetches nothing, and all of it once when it is looked at again', async () => {
      agent('PATCH', '/tasks/a', { scheduledDate: TOMORROW });
      agent('DELETE', '/tasks/later');
      await pass(5_000);
      expect(requests()).toEqual([]);
      tab.visibility.show();
      await pass();
      expect(requests().length).toBe(1);
      expect([day(TODAY), day(TOMORROW), ids(backlog())]).toEqual([['b'], ['c', 'a'], []]);
    });

    it('fetches everything when it is looked at again, if the server could not resume meanwhile', async () => {
      tab.planner.connection.stop();
      agent('PATCH', '/tasks/a', { title: 'Meanwhile' });
      tab.planner.connection.start({ epoch: 'another', lastEventId: 3 });
      await pass(5_000);
      expect(requests()).toEqual([]);
      tab.visibility.show();
      await pass();
      expect([requests().length, days[TODAY]?.()[0]?.title]).toEqual([3, 'Meanwhile']);
    });
  });

  it('fetches everything once when the server cannot resume', async () => {
    requests();
    tab.planner.connection.stop();
    tab.planner.connection.start({ epoch: 'another', lastEventId: 3 });
    await pass();
    expect(requests().length).toBe(3);
  });

  it('resumes after a restart of the server without fetching anything but what changed', async () => {
    requests();
    server.log.goDown();
    server.as(OTHER_TAB).write('PATCH', '/tasks/c', { title: 'While you were away' });
    server.log.comeUp();
    await pass(2_000);
    expect(requests().length).toBe(1);
    expect(days[TOMORROW]?.()[0]?.title).toBe('While you were away');
  });
});
