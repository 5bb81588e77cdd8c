/** Whether somebody looks at this page, as one replaceable outside fact. */

import type { Unsubscribe } from './online';

export interface VisibilitySource {
  isVisible(): boolean;
  /** Tells when the page comes into view, or back out of the browser's page cache. */
  subscribe(shown: () => void): Unsubscribe;
}

export function browserVisibility(page: Window): VisibilitySource {
  const isVisible = () => page.document.visibilityState === 'visible';
  return {
    isVisible,
    subscribe(shown) {
      const changed = () => {
        if (isVisible()) shown();
      };
      page.document.addEventListener('visibilitychange', changed);
      page.addEventListener('pageshow', changed);
      return () => {
        page.document.removeEventListener('visibilitychange', changed);
        page.removeEventListener('pageshow', changed);
      };
    },
  };
}
