/** A short text under edit: saved when its field is left or goes, and never replaced while somebody types in it. */

import { useEffect, useEffectEvent, useState } from 'react';

export interface ShortText {
  text: string;
  change: (text: string) => void;
  /** Saves what was typed, if anything was. */
  commit: () => void;
}

/** `save` may leave a text that can't be saved alone: the field shows what is saved again. */
export function useShortText(saved: string, save: (text: string) => void): ShortText {
  const [typed, setTyped] = useState<string | null>(null);
  const send = () => {
    if (typed !== null && typed !== saved) save(typed);
  };
  const left = useEffectEvent(send);
  useEffect(() => () => left(), []);
  return {
    text: typed ?? saved,
    change: setTyped,
    commit: () => {
      send();
      setTyped(null);
    },
  };
}
