import { beforeEach, describe, expect, it } from 'vitest';

import { openTab } from '../testing/fake-outside';
import type { Tab } from '../testing/fake-outside';
import { fakeSubtask, fakeTask } from '../testing/fake-rows';
import { AGENT, FakeServer } from '../testing/fake-server';
import { watchTask } from '../testing/watch';
import { bucketQuery } from './queries';

const TODAY = '2026-11-23';

describe('taskQuery', () => {
  let server: FakeServer;
  let tab: Tab;

  const pass = (ms = 50) => tab.clock.run(ms);
  const leaveBoard = () => tab.planner.client.query(bucketQuery(tab.planner, { kind: 'day', date: TODAY }));

  beforeEach(async () => {
    server = new FakeServer();
    server.seed([fakeTask({ id: 'a', scheduledDate: TODAY, subtasks: [fakeSubtask({ id: 'step', taskId: 'a' })] })]);
    tab = openTab(server);
    await tab.planner.loadUser();
    await pass();
    server.requests.length = 0;
  });

  it('brings a task with its subtasks in one request', async () => {
    const task = watchTask(tab.planner, 'a');
    await pass();
    expect(server.requests).toEqual(['GET /tasks/a?includeSubtasks=true']);
    expect(task()?.subtasks?.length).toBe(1);
  });

  it('says in one request that there is no such task', async () => {
    const task = watchTask(tab.planner, 'unknown');
    await pass(5_000);
    expect([server.requests.length, task()]).toEqual([1, null]);
  });

  it('shows what a list holds without a request', async () => {
    await leaveBoard();
    const task = watchTask(tab.planner, 'a');
    expect(task()?.id).toBe('a');
    await pass();
    expect(server.requests.length).toBe(1);
  });

  it('fetches what only a stale list holds, and shows that meanwhile', async () => {
    await leaveBoard();
    server.as(AGENT).write('PATCH', '/tasks/a', { title: 'Renamed' });
    await pass();
    const task = watchTask(tab.planner, 'a');
    expect(task()?.title).toBe('Task a');
    await pass();
    expect(task()?.title).toBe('Renamed');
  });
});
