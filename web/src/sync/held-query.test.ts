import { beforeEach, describe, expect, it } from 'vitest';

import type { Task } from '../api/models';
import { bucketQuery } from '../hooks/queries';
import { settle } from '../testing/fake-clock';
import { openTab } from '../testing/fake-outside';
import type { Tab } from '../testing/fake-outside';
import { fakeBlock, fakeTask } from '../testing/fake-rows';
import { AGENT, FakeServer } from '../testing/fake-server';
import { watchBlocks, watchBucket, watchTask } from '../testing/watch';

const TODAY = '2026-11-23';

describe('a change while an older answer is on its way', () => {
  let server: FakeServer;
  let tab: Tab;

  const agent = (method: string, path: string, body?: object) => server.as(AGENT).write(method, path, body);
  const pass = (ms = 50) => tab.clock.run(ms);

  beforeEach(async () => {
    server = new FakeServer();
    server.seed(
      [
        fakeTask({ id: 'a', scheduledDate: TODAY, position: 0 }),
        fakeTask({ id: 'b', scheduledDate: TODAY, position: 1 }),
      ],
      [fakeBlock({ id: 'x', taskId: 'a' })],
    );
    tab = openTab(server);
    await tab.planner.loadUser();
    await pass();
  });

  it('is kept by a list that is fetched again', async () => {
    const today = watchBucket(tab.planner, { kind: 'day', date: TODAY });
    await pass();
    const open = server.hold();
    agent('PATCH', '/tasks/b', { title: 'Theirs' });
    await pass(); // the list is being fetched, as it was before our write
    server.letThrough();
    await tab.planner.tasks.change(today()[0] as Task, { priority: 'P0' });
    open();
    await settle();
    await pass(500);
    expect(today().map(({ priority, title }) => [priority, title])).toEqual([['P0', 'Task a'], ['P2', 'Theirs']]);
  });

  describe('of a list that is fetched for the first time', () => {
    const NEXT_WEEK = '2026-11-30';
    let open: () => void;
    let list: () => Task[];

    beforeEach(async () => {
      agent('POST', '/tasks', { title: 'Pack', scheduledDate: NEXT_WEEK });
      await pass(500);
      open = server.hold();
      list = watchBucket(tab.planner, { kind: 'day', date: NEXT_WEEK });
      await pass(); // read by the server, not answered yet
      server.letThrough();
    });

    const arrive = async () => {
      await pass(500);
      open();
      await pass(500);
      return list().map((task) => task.title);
    };

    it('shows when an agent adds a task', async () => {
      agent('POST', '/tasks', { title: 'Fly', scheduledDate: NEXT_WEEK });
      expect(await arrive()).toEqual(['Pack', 'Fly']);
    });

    it.each([
      ['an agent deletes a task', () => agent('DELETE', '/tasks/new-1')],
      ['a task leaves for a day that is not shown', () => agent('PATCH', '/tasks/new-1', { scheduledDate: '2027-05-01' })],
      ['a new order takes a task away', () => agent('POST', '/tasks/reorder', { date: '2027-05-01', taskIds: ['new-1'] })],
    ])('shows when %s, without another request', async (_, leave) => {
      server.requests.length = 0;
      leave();
      expect([await arrive(), server.requests]).toEqual([[], []]);
    });

    it('shows when the server cannot resume', async () => {
      tab.planner.connection.stop();
      agent('PATCH', '/tasks/new-1', { title: 'Pack the bags' });
      tab.planner.connection.start({ epoch: 'another', lastEventId: 3 });
      expect(await arrive()).toEqual(['Pack the bags']);
    });

    it('shows when this tab makes it', async () => {
      await tab.planner.tasks.create({ title: 'Fly', scheduledDate: NEXT_WEEK });
      expect(await arrive()).toEqual(['Pack', 'Fly']);
    });
  });

  describe('of a list that is fetched again', () => {
    let open: () => void;
    let today: () => Task[];

    beforeEach(async () => {
      await tab.planner.client.query(bucketQuery(tab.planner, { kind: 'day', date: TODAY }));
      agent('POST', '/tasks', { title: 'Brief', scheduledDate: TODAY });
      await pass(500);
      open = server.hold();
      today = watchBucket(tab.planner, { kind: 'day', date: TODAY });
      await pass(); // it is shown again, and fetched with the task that it does not hold yet
      server.letThrough();
    });

    it.each([
      ['is deleted', () => agent('DELETE', '/tasks/new-1')],
      ['leaves for another day', () => agent('PATCH', '/tasks/new-1', { scheduledDate: '2027-05-01' })],
      ['leaves by a new order', () => agent('POST', '/tasks/reorder', { date: '2027-05-01', taskIds: ['new-1'] })],
    ])('takes out a task that %s meanwhile', async (_, leave) => {
      leave();
      await pass(500);
      open();
      await pass(500);
      expect(today().map((task) => task.title)).toEqual(['Task a', 'Task b']);
    });
  });

  it('of the earlier days is kept when one of their tasks leaves', async () => {
    const EARLIER = '2026-11-20';
    const earlier = watchBucket(tab.planner, { kind: 'earlier', before: TODAY });
    await pass();
    const open = server.hold();
    agent('POST', '/tasks', { title: 'Brief', scheduledDate: EARLIER });
    await pass();
    server.letThrough();
    agent('PATCH', '/tasks/new-1', { scheduledDate: TODAY });
    await tab.clock.run(6_000, 500); // longer than one refresh keeps the next waiting
    open();
    await pass(500);
    expect(earlier()).toEqual([]);
  });

  it('takes a block and a task that were deleted out of a day that is opening', async () => {
    server.seed([], [fakeBlock({ id: 'y' })]);
    const open = server.hold();
    const blocks = watchBlocks(tab.planner, TODAY);
    await pass();
    server.letThrough();
    server.requests.length = 0;
    agent('DELETE', '/time-blocks/y');
    agent('DELETE', '/tasks/a');
    await pass(500);
    open();
    await pass();
    expect(blocks().map(({ id, taskId }) => [id, taskId])).toEqual([['x', null]]);
    expect(server.requests).toEqual([]);
  });

  it('shows in a panel that is opening', async () => {
    agent('POST', '/tasks', { title: 'Far', scheduledDate: '2027-05-01' });
    await pass(500);
    const open = server.hold();
    const panel = watchTask(tab.planner, 'new-1');
    await pass();
    server.letThrough();
    agent('PATCH', '/tasks/new-1', { title: 'Farther' });
    await pass(500);
    open();
    await pass();
    expect(panel()?.title).toBe('Farther');
  });

  it('shows in the blocks of a task', async () => {
    const open = server.hold();
    const blocks = watchBlocks(tab.planner, TODAY);
    await pass();
    server.letThrough();
    agent('PATCH', '/tasks/a', { title: 'Renamed' });
    await pass(500);
    open();
    await pass();
    expect(blocks()[0]?.task?.title).toBe('Renamed');
  });
});
