import { beforeEach, describe, expect, it } from 'vitest';

import { ApiError } from '../api/errors';
import type { Task } from '../api/models';
import { openTab } from '../testing/fake-outside';
import type { Tab } from '../testing/fake-outside';
import { fakeBlock, fakeSubtask, fakeTask } from '../testing/fake-rows';
import { AGENT, FakeServer } from '../testing/fake-server';
import { watchBlocks, watchBucket } from '../testing/watch';

const TODAY = '2026-11-23';

describe('TaskWrites', () => {
  let server: FakeServer;
  let tab: Tab;
  let today: () => Task[];
  let backlog: () => Task[];

  const titles = (tasks: Task[]) => tasks.map((task) => task.title);
  const shown = (id: string) => [...today(), ...backlog()].find((task) => task.id === id) as Task;
  const agent = (method: string, path: string, body?: object) => server.as(AGENT).write(method, path, body);

  beforeEach(async () => {
    server = new FakeServer();
    server.seed(
      [
        fakeTask({ id: 'a', title: 'A', notes: 'milk', scheduledDate: TODAY, position: 0 }),
        fakeTask({ id: 'b', title: 'B', scheduledDate: TODAY, position: 1 }),
        fakeTask({ id: 'c', title: 'C' }),
      ],
      [fakeBlock({ id: 'x', taskId: 'a' })],
    );
    tab = openTab(server);
    await tab.planner.loadUser();
    today = watchBucket(tab.planner, { kind: 'day', date: TODAY });
    backlog = watchBucket(tab.planner, { kind: 'backlog' });
    await tab.clock.run(50);
    server.requests.length = 0;
  });

  it('shows a new task at once and keeps it when the answer comes', async () => {
    const write = tab.planner.tasks.create({ title: 'New', scheduledDate: TODAY });
    expect(titles(today())).toEqual(['A', 'B', 'New']);
    await write;
    expect(titles(today())).toEqual(['A', 'B', 'New']);
    expect(server.requests).toEqual(['POST /tasks']);
  });

  it('takes back what the server refuses', async () => {
    const write = tab.planner.tasks.change({ ...shown('a'), id: 'unknown' }, { scheduledDate: null });
    expect(titles(backlog())).toEqual(['C', 'A']);
    await expect(write).rejects.toBeInstanceOf(ApiError);
    expect(titles(backlog())).toEqual(['C']);
  });

  it('arranges a task from elsewhere at its place', async () => {
    const write = tab.planner.tasks.arrange([shown('c')], TODAY, ['a', 'c']);
    expect([titles(today()), titles(backlog())]).toEqual([['A', 'C', 'B'], []]);
    await write;
    expect([titles(today()), titles(backlog())]).toEqual([['A', 'C', 'B'], []]);
  });

  it('does not bring back a task that somebody took away meanwhile', async () => {
    agent('PATCH', '/tasks/a', { scheduledDate: null });
    await tab.clock.run(50);
    await tab.planner.tasks.arrange([shown('c')], TODAY, ['a', 'c', 'b']);
    expect([titles(today()), titles(backlog())]).toEqual([['C', 'B'], ['A']]);
  });

  it('deletes from everywhere and restores', async () => {
    const blocks = watchBlocks(tab.planner, TODAY);
    await tab.clock.run(20);
    await tab.planner.tasks.remove(shown('a'));
    expect([titles(today()), blocks()[0]?.taskId]).toEqual([['B'], null]);
    await tab.planner.tasks.restore('a');
    await tab.clock.run(20);
    expect(titles(today())).toEqual(['A', 'B']);
  });

  it('fetches once for many that are restored', async () => {
    for (const id of ['a', 'b']) await tab.planner.tasks.remove(shown(id));
    server.requests.length = 0;
    await Promise.all(['a', 'b'].map((id) => tab.planner.tasks.restore(id)));
    await tab.clock.run(20);
    expect(titles(today())).toEqual(['A', 'B']);
    expect(server.requests).toEqual([
      'POST /tasks/a/restore',
      'POST /tasks/b/restore',
      expect.stringContaining(`GET /tasks?from=${TODAY}`),
    ]);
  });

  it('restores a task with its subtasks', async () => {
    server.seed([fakeTask({ id: 's', scheduledDate: TODAY, subtasks: [fakeSubtask({ id: 'step', taskId: 's' })] })]);
    await tab.planner.tasks.remove(fakeTask({ id: 's' }));
    await tab.planner.tasks.restore('s');
    await tab.clock.run(20);
    expect(shown('s').subtasks?.map((row) => row.id)).toEqual(['step']);
  });

  describe('an answer that is overtaken', () => {
    it('does not take back what came after it', async () => {
      const open = server.hold();
      const write = tab.planner.tasks.change(shown('a'), { priority: 'P0' });
      await tab.clock.run(20);
      server.letThrough();
      agent('PATCH', '/tasks/a', { title: 'Theirs' });
      agent('POST', '/tasks', { title: 'Marker', scheduledDate: TODAY });
      await tab.clock.run(500);
      open();
      await write;
      expect(shown('a')).toMatchObject({ title: 'Theirs', priority: 'P0' });
    });

    it('does not take out of a day what somebody has added since the new order', async () => {
      const open = server.hold();
      const write = tab.planner.tasks.arrange([shown('b')], TODAY, ['b', 'a']);
      await tab.clock.run(20);
      server.letThrough();
      agent('POST', '/tasks', { title: 'New', scheduledDate: TODAY });
      await tab.clock.run(500);
      open();
      await write;
      expect(titles(today())).toEqual(['B', 'A', 'New']);
    });

    it('does not bring back a task that was deleted since', async () => {
      const open = server.hold();
      const write = tab.planner.tasks.change(shown('a'), { priority: 'P0' });
      await tab.clock.run(20);
      server.letThrough();
      agent('DELETE', '/tasks/a');
      await tab.clock.run(500);
      open();
      await write;
      expect(titles(today())).toEqual(['B']);
    });
  });

  describe('text', () => {
    it('is tried again silently when another field changed elsewhere', async () => {
      const base = shown('a');
      agent('PATCH', '/tasks/a', { priority: 'P0' });
      await tab.planner.tasks.changeText(base, { notes: 'bread' });
      expect(server.tasks.find((task) => task.id === 'a')).toMatchObject({ notes: 'bread', priority: 'P0' });
      expect(server.requests).toEqual(['PATCH /tasks/a', 'PATCH /tasks/a']);
    });

    it('is sent once after a change of a subtask', async () => {
      await tab.planner.subtasks.add(shown('a'), 'one');
      await tab.clock.run(20);
      await tab.planner.tasks.changeText(shown('a'), { notes: 'bread' });
      expect(server.requests).toEqual(['POST /tasks/a/subtasks', 'PATCH /tasks/a']);
      expect(shown('a').subtasks?.map(({ title }) => title)).toEqual(['one']);
    });

    it('asks when the same field changed elsewhere, and writes nothing', async () => {
      const base = shown('a');
      agent('PATCH', '/tasks/a', { notes: 'eggs' });
      const write = tab.planner.tasks.changeText(base, { notes: 'bread' });
      await expect(write).rejects.toMatchObject({ name: 'TextClash', fields: ['notes'], current: { notes: 'eggs' } });
      expect(server.tasks.find((task) => task.id === 'a')?.notes).toBe('eggs');
    });

    it('is saved once when the answer of the first try was lost', async () => {
      server.mishaps.push('lost');
      const write = tab.planner.tasks.changeText(shown('a'), { notes: 'bread' });
      await tab.clock.run(5_000);
      await write;
      expect(server.tasks.find((task) => task.id === 'a')).toMatchObject({ notes: 'bread', version: 2 });
    });

    it('stays in place, not saved yet, without a network', async () => {
      server.mishaps.push('unreached');
      const write = tab.planner.tasks.changeText(shown('a'), { notes: 'bread' });
      await tab.clock.run(50);
      expect(shown('a').notes).toBe('bread');
      expect(tab.planner.outbox.pending.unsavedIds).toEqual(new Set(['a']));
      tab.online.set(true);
      await write;
      expect(tab.planner.outbox.pending.count).toBe(0);
    });
  });

  it('orders subtasks that were added without a network', async () => {
    server.mishaps.push('unreached');
    const steps = () => shown('b').subtasks ?? [];
    void tab.planner.subtasks.add(shown('b'), 'one');
    void tab.planner.subtasks.add(shown('b'), 'two');
    const ordered = tab.planner.subtasks.arrange(shown('b'), steps().map((row) => row.id).reverse());
    expect(steps().map(({ title }) => title)).toEqual(['two', 'one']);
    await tab.clock.run(5_000);
    await ordered;
    expect(steps().map(({ title }) => title)).toEqual(['two', 'one']);
    expect(server.tasks.find(({ id }) => id === 'b')?.subtasks?.map(({ title }) => title)).toEqual(['two', 'one']);
  });

  it('adds, completes, orders and deletes subtasks', async () => {
    const task = () => shown('b');
    await tab.planner.subtasks.add(task(), 'one');
    await tab.planner.subtasks.add(task(), 'two');
    const [one, two] = (task().subtasks ?? []).map((row) => row.id) as [string, string];
    await tab.planner.subtasks.change(task(), one, { completed: true });
    expect(task().subtasks?.map((row) => row.completed)).toEqual([true, false]);
    await tab.planner.subtasks.remove(task(), one);
    expect(task().subtasks?.map((row) => row.id)).toEqual([two]);
  });
});
