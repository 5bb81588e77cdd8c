// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';

import { useShortText } from './useShortText';

describe('useShortText', () => {
  const edit = (saved: string) => {
    const sent: string[] = [];
    const field = renderHook(({ saved }) => useShortText(saved, (text) => sent.push(text)), { initialProps: { saved } });
    return { ...field, sent, type: (text: string) => act(() => field.result.current.change(text)) };
  };

  afterEach(cleanup);

  it('follows what is saved while nobody types', () => {
    const { result, rerender } = edit('milk');
    rerender({ saved: 'oat milk' });
    expect(result.current.text).toBe('oat milk');
  });

  it('keeps what is being typed when something else is saved meanwhile', () => {
    const { result, rerender, type } = edit('milk');
    type('milk and');
    rerender({ saved: 'oat milk' });
    expect(result.current.text).toBe('milk and');
  });

  it('saves once, when the field is left', () => {
    const { result, sent, type } = edit('milk');
    type('bread');
    expect(sent).toEqual([]);
    act(() => result.current.commit());
    act(() => result.current.commit());
    expect(sent).toEqual(['bread']);
  });

  it('saves what was typed when the field goes', () => {
    const { sent, type, unmount } = edit('milk');
    type('bread');
    unmount();
    expect(sent).toEqual(['bread']);
  });

  it('saves nothing where nothing was changed', () => {
    const { sent, type, unmount } = edit('milk');
    type('bread');
    type('milk');
    unmount();
    expect(sent).toEqual([]);
  });
});
