/** Light or dark, on the root element, where the colours are chosen. */

import { useLayoutEffect } from 'react';

export function useTheme(mode: 'light' | 'dark' | 'system'): void {
  useLayoutEffect(() => {
    const root = document.documentElement;
    if (mode === 'system') delete root.dataset.theme;
    else root.dataset.theme = mode;
  }, [mode]);
}
