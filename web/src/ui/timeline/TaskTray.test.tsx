// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { PlannerContext } from '../../hooks/planner-context';
import { openTab } from '../../testing/fake-outside';
import { fakeTask } from '../../testing/fake-rows';
import { FakeServer } from '../../testing/fake-server';
import { Router } from '../router';
import { RouterContext } from '../router-context';
import { TaskTray } from './TaskTray';

describe('TaskTray', () => {
  let server: FakeServer;
  let router: Router;

  const show = (id: string) => {
    const { planner } = openTab(server);
    const tasks = { rows: [fakeTask({ id, title: 'Shop' })], isLoading: false, error: null, retry: () => undefined };
    render(
      <PlannerContext value={planner}>
        <RouterContext value={router}>
          <TaskTray tasks={tasks} blocks={[]} />
        </RouterContext>
      </PlannerContext>,
    );
    return screen.getByRole('article', { name: 'Shop' });
  };

  beforeEach(() => {
    window.history.replaceState(null, '', '/app/day');
    [server, router] = [new FakeServer(), new Router(window)];
  });
  afterEach(cleanup);

  it('opens a task by Enter and has it scheduled by s', () => {
    const card = show('a');
    fireEvent.keyDown(card, { key: 'Enter' });
    fireEvent.keyDown(card, { key: 's' });
    expect([router.place.taskId, server.requests]).toEqual(['a', ['POST /time-blocks/auto-schedule']]);
  });

  it.each([
    ['keys with a modifier', 'a', { ctrlKey: true }],
    ['a task that is not saved yet', 'unsaved-a', {}],
  ])('does neither for %s', (_, id, modifiers) => {
    const card = show(id);
    for (const key of ['Enter', 's']) fireEvent.keyDown(card, { key, ...modifiers });
    if (id !== 'a') fireEvent.click(card);
    expect([router.place.taskId, server.requests]).toEqual([null, []]);
  });
});
