// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest';

import { browserFrames } from '../sync/frame';
import { browserOnline } from './online';
import { browserSharedValue } from './shared-value';
import { browserVisibility } from './visibility';

afterEach(() => {
  localStorage.clear();
  vi.useRealTimers();
});

describe('browserOnline', () => {
  it('tells of both directions until it is unsubscribed', () => {
    const changed = vi.fn();
    const unsubscribe = browserOnline(window).subscribe(changed);
    window.dispatchEvent(new Event('online'));
    window.dispatchEvent(new Event('offline'));
    unsubscribe();
    window.dispatchEvent(new Event('online'));
    expect(changed).toHaveBeenCalledTimes(2);
  });
});

describe('browserVisibility', () => {
  it('tells when the page is shown, also out of the page cache', () => {
    const shown = vi.fn();
    browserVisibility(window).subscribe(shown);
    document.dispatchEvent(new Event('visibilitychange'));
    window.dispatchEvent(new Event('pageshow'));
    expect(shown).toHaveBeenCalledTimes(2);
  });

  it('is silent when the page is hidden', () => {
    const shown = vi.fn();
    browserVisibility(window).subscribe(shown);
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    expect(shown).not.toHaveBeenCalled();
  });
});

describe('browserSharedValue', () => {
  it('keeps its text and hears of other tabs, a cleared storage too', () => {
    const value = browserSharedValue(window, 'k');
    const changed = vi.fn();
    value.subscribe(changed);
    value.write('text');
    expect(value.read()).toBe('text');
    window.dispatchEvent(new StorageEvent('storage', { key: 'k' }));
    window.dispatchEvent(new StorageEvent('storage', { key: null }));
    window.dispatchEvent(new StorageEvent('storage', { key: 'another' }));
    expect(changed).toHaveBeenCalledTimes(2);
  });
});

describe('browserFrames', () => {
  it('runs once, also where no frame comes', () => {
    vi.useFakeTimers();
    vi.stubGlobal('requestAnimationFrame', () => 0);
    const run = vi.fn();
    browserFrames(window).next(run);
    vi.advanceTimersByTime(1_000);
    expect(run).toHaveBeenCalledTimes(1);
    vi.unstubAllGlobals();
  });
});
