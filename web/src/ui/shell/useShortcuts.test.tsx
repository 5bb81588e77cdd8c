// @vitest-environment happy-dom
import { cleanup, fireEvent, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { PlannerContext } from '../../hooks/planner-context';
import { openTab } from '../../testing/fake-outside';
import { FakeServer } from '../../testing/fake-server';
import { Router } from '../router';
import { RouterContext } from '../router-context';
import { useShortcuts } from './useShortcuts';

describe('useShortcuts', () => {
  let router: Router;
  let helped: string[];

  const show = () => {
    const { planner } = openTab(new FakeServer());
    const wrapper = ({ children }: { children: ReactNode }) => (
      <PlannerContext value={planner}>
        <RouterContext value={router}>{children}</RouterContext>
      </PlannerContext>
    );
    return renderHook(({ name }) => useShortcuts(() => helped.push(name)), { wrapper, initialProps: { name: 'first' } });
  };
  const press = (key: string, modifiers: object = {}) => fireEvent.keyDown(document.body, { key, ...modifiers });

  beforeEach(() => {
    [router, helped] = [new Router(window), []];
  });
  afterEach(cleanup);

  it('goes where two keys say, also when something is drawn between them', () => {
    const { rerender } = show();
    press('g');
    rerender({ name: 'second' });
    press('d');
    expect(router.place.screen.name).toBe('day');
  });

  it('calls what it was given last', () => {
    show().rerender({ name: 'second' });
    press('?');
    expect(helped).toEqual(['second']);
  });

  it('leaves keys with a modifier to the browser', () => {
    show();
    press('?', { ctrlKey: true });
    expect(helped).toEqual([]);
  });
});
