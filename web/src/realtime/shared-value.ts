/** One text that all tabs of this browser share, as one replaceable outside fact. */

import { Emitter } from './emitter';
import type { Unsubscribe } from './online';

export interface SharedValue {
  read(): string | null;
  write(text: string | null): void;
  /** Tells of changes that *other* tabs made. */
  subscribe(changed: () => void): Unsubscribe;
}

/** Kept in localStorage; where that is forbidden, in this tab alone. */
export function browserSharedValue(page: Window, key: string): SharedValue {
  const storage = usableStorage(page);
  if (!storage) return memoryValue();
  return {
    read: () => storage.getItem(key),
    write: (text) => {
      if (text === null) storage.removeItem(key);
      else storage.setItem(key, text);
    },
    subscribe(changed) {
      // A cleared storage comes as an event without a key.
      const listener = (event: StorageEvent) => {
        if (event.key === key || event.key === null) changed();
      };
      page.addEventListener('storage', listener);
      return () => page.removeEventListener('storage', listener);
    },
  };
}

export function memoryValue(): SharedValue {
  const changes = new Emitter<undefined>();
  let value: string | null = null;
  return {
    read: () => value,
    write: (text) => {
      value = text;
    },
    subscribe: (changed) => changes.subscribe(changed),
  };
}

function usableStorage(page: Window): Storage | null {
  try {
    page.localStorage.getItem('');
    return page.localStorage;
  } catch {
    return null;
  }
}
