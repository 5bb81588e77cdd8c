// @vitest-environment happy-dom
import { QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';

import { PlannerContext } from '../../hooks/planner-context';
import { userQuery } from '../../hooks/queries';
import { settle } from '../../testing/fake-clock';
import { openTab } from '../../testing/fake-outside';
import { FakeServer } from '../../testing/fake-server';
import { Router } from '../router';
import { RouterContext } from '../router-context';
import { TimelinePage } from './TimelinePage';

afterEach(cleanup);

it('leaves a half-made block on its day', async () => {
  const { planner } = openTab(new FakeServer());
  await planner.client.query(userQuery(planner));
  const router = new Router(window);
  const dayOf = (date: string) => (
    <PlannerContext value={planner}>
      <RouterContext value={router}>
        <QueryClientProvider client={planner.client}>
          <TimelinePage date={date} />
        </QueryClientProvider>
      </RouterContext>
    </PlannerContext>
  );
  const { rerender } = render(dayOf('2026-11-23'));
  await act(settle);
  fireEvent.click(screen.getByRole('button', { name: 'Add a block' }));
  const title = () => screen.queryByLabelText(/Title of the new block/);
  fireEvent.change(title() as HTMLElement, { target: { value: 'Lunch' } });
  rerender(dayOf('2026-11-24'));
  await act(settle);
  expect(title()).toBeNull();
});
