/** What the browser believes about the network, as one replaceable outside fact. */

export type Unsubscribe = () => void;

export interface OnlineSource {
  /** `false` is a hint only: a browser without a network still reaches this machine. */
  isOnline(): boolean;
  subscribe(changed: () => void): Unsubscribe;
}

export function browserOnline(page: Window): OnlineSource {
  return {
    isOnline: () => page.navigator.onLine,
    subscribe(changed) {
      page.addEventListener('online', changed);
      page.addEventListener('offline', changed);
      return () => {
        page.removeEventListener('online', changed);
        page.removeEventListener('offline', changed);
      };
    },
  };
}
