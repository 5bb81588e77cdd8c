// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { PlannerContext } from '../../hooks/planner-context';
import { openTab } from '../../testing/fake-outside';
import { fakeTask } from '../../testing/fake-rows';
import { FakeServer } from '../../testing/fake-server';
import { Router } from '../router';
import { RouterContext } from '../router-context';
import { TaskCard } from './TaskCard';

describe('TaskCard', () => {
  let server: FakeServer;

  const press = (key: string, modifiers: object = {}) => {
    const { planner } = openTab(server);
    render(
      <PlannerContext value={planner}>
        <RouterContext value={new Router(window)}>
          <TaskCard task={fakeTask({ id: 'a', title: 'Shop' })} />
        </RouterContext>
      </PlannerContext>,
    );
    fireEvent.keyDown(screen.getByRole('article', { name: 'Shop' }), { key, ...modifiers });
  };

  beforeEach(() => {
    server = new FakeServer();
  });
  afterEach(cleanup);

  it.each([
    ['x', 'POST /tasks/a/complete'],
    ['Delete', 'DELETE /tasks/a'],
  ])('takes %s for a command', (key, request) => {
    press(key);
    expect(server.requests).toEqual([request]);
  });

  it.each(['ctrlKey', 'metaKey', 'altKey'])('leaves keys with %s to the browser', (modifier) => {
    press('x', { [modifier]: true });
    expect(server.requests).toEqual([]);
  });
});
