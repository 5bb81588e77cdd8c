// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, describe, expect, it } from 'vitest';

import { openTab } from '../testing/fake-outside';
import { FakeServer } from '../testing/fake-server';
import { PlannerContext } from './planner-context';
import { useWebSocket } from './useWebSocket';

afterEach(cleanup);

describe('useWebSocket', () => {
  it('follows the connection through a loss and back', async () => {
    const server = new FakeServer();
    const { planner, clock } = openTab(server);
    const wrapper = ({ children }: { children: ReactNode }) => <PlannerContext value={planner}>{children}</PlannerContext>;
    const { result } = renderHook(() => useWebSocket(), { wrapper });
    expect(result.current.state.kind).toBe('signed out');
    await act(async () => {
      await planner.loadUser();
      await clock.run(50);
    });
    expect(result.current.state.kind).toBe('live');
    act(() => server.log.goDown());
    expect(result.current.state.kind).toBe('waiting');
    server.log.comeUp();
    await act(async () => {
      result.current.retryNow();
      await clock.run(50);
    });
    expect(result.current.state.kind).toBe('live');
  });
});
