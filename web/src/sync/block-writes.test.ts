import { beforeEach, describe, expect, it } from 'vitest';

import type { TimeBlock } from '../api/models';
import { openTab } from '../testing/fake-outside';
import type { Tab } from '../testing/fake-outside';
import { fakeBlock, fakeTask } from '../testing/fake-rows';
import { AGENT, FakeServer } from '../testing/fake-server';
import { watchBlocks } from '../testing/watch';

const TODAY = '2026-11-23';

describe('BlockWrites', () => {
  let server: FakeServer;
  let tab: Tab;
  let today: () => TimeBlock[];

  const times = () => today().map((block) => `${block.title} ${block.startTime}-${block.endTime}`);
  const block = (id: string) => today().find((row) => row.id === id) as TimeBlock;

  beforeEach(async () => {
    server = new FakeServer();
    server.seed(
      [fakeTask({ id: 't', title: 'Write' })],
      [
        fakeBlock({ id: 'a', title: 'A', startTime: '09:00', endTime: '10:00' }),
        fakeBlock({ id: 'b', title: 'B', startTime: '10:00', endTime: '11:00' }),
      ],
    );
    tab = openTab(server);
    await tab.planner.loadUser();
    today = watchBlocks(tab.planner, TODAY);
    await tab.clock.run(50);
  });

  it('shows a scheduled task at once and keeps it', async () => {
    const task = fakeTask({ id: 't', title: 'Write' });
    const write = tab.planner.blocks.schedule(task, TODAY, { startTime: '13:00', endTime: '14:00' });
    expect(times()).toContain('Write 13:00-14:00');
    await write;
    expect(times()).toEqual(['A 09:00-10:00', 'B 10:00-11:00', 'Write 13:00-14:00']);
    expect(today()[2]?.task?.id).toBe('t');
  });

  it('pushes later blocks on before and after the answer alike', async () => {
    const write = tab.planner.blocks.resize(block('a'), today(), { startTime: '09:00', endTime: '10:30' });
    expect(times()).toEqual(['A 09:00-10:30', 'B 10:30-11:30']);
    await write;
    expect(times()).toEqual(['A 09:00-10:30', 'B 10:30-11:30']);
  });

  it('moves a block to another day', async () => {
    const tomorrow = watchBlocks(tab.planner, '2026-11-24');
    await tab.clock.run(50);
    await tab.planner.blocks.change(block('a'), { date: '2026-11-24' });
    expect([today().length, tomorrow().map(({ title }) => title)]).toEqual([1, ['A']]);
  });

  it('does not let an answer that is overtaken take back what came after it', async () => {
    const open = server.hold();
    const write = tab.planner.blocks.change(block('a'), { title: 'Mine' });
    await tab.clock.run(20);
    server.letThrough();
    server.as(AGENT).write('PATCH', '/time-blocks/a', { startTime: '08:00', endTime: '09:00' });
    await tab.clock.run(500);
    open();
    await write;
    expect(times()).toContain('Mine 08:00-09:00');
  });

  it('does not let an answer that is overtaken bring back a deleted block', async () => {
    const open = server.hold();
    const write = tab.planner.blocks.change(block('a'), { title: 'Mine' });
    await tab.clock.run(20);
    server.letThrough();
    server.as(AGENT).write('DELETE', '/time-blocks/a');
    await tab.clock.run(500);
    open();
    await write;
    expect(times()).toEqual(['B 10:00-11:00']);
  });

  it('keeps a new length whose answer was lost', async () => {
    server.mishaps.push('lost');
    const write = tab.planner.blocks.resize(block('a'), today(), { startTime: '09:00', endTime: '10:30' });
    await tab.clock.run(5_000);
    await write;
    expect(times()).toEqual(['A 09:00-10:30', 'B 10:30-11:30']);
  });

  it('keeps a deletion that could not be sent yet, and sends it later', async () => {
    server.mishaps.push('unreached');
    const write = tab.planner.blocks.remove(block('a'));
    expect(times()).toEqual(['B 10:00-11:00']);
    await tab.clock.run(5_000);
    await write;
    expect(times()).toEqual(['B 10:00-11:00']);
  });
});
