// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Task } from '../api/models';
import { openTab } from '../testing/fake-outside';
import type { Tab } from '../testing/fake-outside';
import { fakeTask } from '../testing/fake-rows';
import { AGENT, FakeServer } from '../testing/fake-server';
import { watchBucket } from '../testing/watch';
import { PlannerContext } from './planner-context';
import { useDraft } from './useDraft';

const TODAY = '2026-11-23';
/** Longer than the pause after which a text is saved. */
const PAUSE_MS = 900;

describe('useDraft', () => {
  let server: FakeServer;
  let tab: Tab;
  let rows: () => Task[];

  const saved = () => tab.planner.taskStore.find('a') as Task;
  const onServer = () => server.tasks[0]?.notes;
  const pass = (ms = 50) => act(() => tab.clock.run(ms));
  const pause = () => pass(PAUSE_MS);

  const edit = () => {
    const wrapper = ({ children }: { children: ReactNode }) => (
      <PlannerContext value={tab.planner}>{children}</PlannerContext>
    );
    return renderHook(() => useDraft(saved(), 'notes'), { wrapper });
  };

  beforeEach(async () => {
    server = new FakeServer();
    server.seed([fakeTask({ id: 'a', notes: 'milk', scheduledDate: TODAY })]);
    tab = openTab(server);
    await tab.planner.loadUser();
    rows = watchBucket(tab.planner, { kind: 'day', date: TODAY });
    await tab.clock.run(50);
  });

  afterEach(cleanup);

  it('saves when the typing pauses, and only then', async () => {
    const { result } = edit();
    act(() => result.current.change('bread'));
    expect(onServer()).toBe('milk');
    await pause();
    expect([onServer(), result.current.isDirty]).toEqual(['bread', false]);
  });

  it('takes over a change from elsewhere while nothing is being edited', async () => {
    const { result, rerender } = edit();
    server.as(AGENT).write('PATCH', '/tasks/a', { notes: 'eggs' });
    await pass();
    rerender();
    expect(result.current.text).toBe('eggs');
  });

  it('asks when the text changed elsewhere while it was edited', async () => {
    const { result, rerender } = edit();
    act(() => result.current.change('bread'));
    server.as(AGENT).write('PATCH', '/tasks/a', { notes: 'eggs' });
    await pass();
    rerender();
    expect([result.current.text, result.current.theirs]).toEqual(['bread', 'eggs']);
    await pause();
    expect(onServer()).toBe('eggs');
    act(() => result.current.keepMine());
    await pass();
    expect(onServer()).toBe('bread');
  });

  it('saves the newest text when it closes while an older one is on its way', async () => {
    server.mishaps.push('unreached');
    const { result, unmount } = edit();
    act(() => result.current.change('bread'));
    await pause();
    act(() => result.current.change('bread and eggs'));
    unmount();
    expect(rows()[0]?.notes).toBe('bread and eggs');
    await pass(5_000);
    expect(onServer()).toBe('bread and eggs');
  });

  it('keeps a text that clashed after closing, and asks when it is opened again', async () => {
    server.mishaps.push('unreached');
    const first = edit();
    act(() => first.result.current.change('bread'));
    first.unmount();
    await pass();
    server.as(AGENT).write('PATCH', '/tasks/a', { notes: 'eggs' });
    await pass(5_000);
    expect(tab.planner.notices.shown.at(-1)?.text).toContain('Couldn’t save');
    const { result } = edit();
    expect([result.current.text, result.current.theirs]).toEqual(['bread', 'eggs']);
  });

  it('goes on with a text whose save still waits when it is opened again', async () => {
    server.mishaps.push('unreached');
    const first = edit();
    act(() => first.result.current.change('bread'));
    first.unmount();
    const { result, rerender } = edit();
    expect(result.current.text).toBe('bread');
    act(() => result.current.change('bread and eggs'));
    await pass(10_000);
    rerender();
    expect([onServer(), result.current.theirs]).toEqual(['bread and eggs', null]);
  });

  it('saves what was undone while it was on its way', async () => {
    const open = server.hold();
    const { result, unmount } = edit();
    act(() => result.current.change('bread'));
    await pause();
    act(() => result.current.change('milk'));
    unmount();
    open();
    await pass(1_000);
    expect(onServer()).toBe('milk');
  });

  it('knows of a text that would be lost with the page', async () => {
    const { result, unmount } = edit();
    expect(tab.planner.drafts.hasUnsaved).toBe(false);
    act(() => result.current.change('bread'));
    expect(tab.planner.drafts.hasUnsaved).toBe(true);
    unmount();
    await pass();
    expect(tab.planner.drafts.hasUnsaved).toBe(false);
  });
});
