// @vitest-environment happy-dom
import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';

import { settle } from '../testing/fake-clock';
import { openTab } from '../testing/fake-outside';
import { fakeTask } from '../testing/fake-rows';
import { FakeServer } from '../testing/fake-server';
import { App } from './App';
import { Router } from './router';

describe('App', () => {
  const isWarned = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));

  afterEach(cleanup);

  it('warns on the sign-in page of what would be lost with it', async () => {
    const { planner } = openTab(new FakeServer());
    render(<App planner={planner} router={new Router(window)} />);
    await act(settle);
    expect(isWarned()).toBe(false);
    act(() => {
      planner.session.refused(planner.session.token ?? '');
      planner.drafts.of(fakeTask({ id: 'a' }), 'notes').change('bread');
    });
    expect([screen.queryByLabelText('Password') !== null, isWarned()]).toEqual([true, true]);
  });
});
