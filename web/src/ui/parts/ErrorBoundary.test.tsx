// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { ErrorBoundary } from './ErrorBoundary';

function Failing(): never {
  throw new Error('out of ink');
}

describe('ErrorBoundary', () => {
  afterEach(cleanup);

  it('shows its fallback instead of the failed part, and the rest stays', () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue();
    render(
      <>
        <p>the rest</p>
        <ErrorBoundary fallback={<p>broken</p>}>
          <Failing />
        </ErrorBoundary>
      </>,
    );
    expect([screen.queryByText('broken') !== null, screen.queryByText('the rest') !== null]).toEqual([true, true]);
    expect(logged).toHaveBeenCalled();
  });
});
