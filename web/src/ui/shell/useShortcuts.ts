/** Keys that work wherever nothing is being typed. */

import { useEffect, useEffectEvent } from 'react';

import { usePlanner } from '../../hooks/planner-context';
import { CARD } from '../drag/board-geometry';
import { hasModifier } from '../parts/keys';
import type { Screen } from '../router';
import { useRouter } from '../router-context';

/** A second key within this time belongs to the first. */
const SEQUENCE_MS = 1_000;

const DESTINATIONS: Readonly<Record<string, Screen>> = {
  b: { name: 'board' },
  d: { name: 'day', date: null },
  s: { name: 'search', text: '' },
  p: { name: 'settings', page: 'profile' },
};

export function useShortcuts(openHelp: () => void): void {
  const router = useRouter();
  const { today } = usePlanner();
  const help = useEffectEvent(openHelp);
  useEffect(() => {
    let goMs = -SEQUENCE_MS;
    const keys: Record<string, () => void> = {
      n: () => {
        router.show({ name: 'board' });
        requestAnimationFrame(() => focusOn(`[data-add-task="${today.date}"]`));
      },
      '/': () => {
        router.show({ name: 'search', text: '' });
        requestAnimationFrame(() => focusOn('[type="search"]'));
      },
      '?': () => help(),
      ArrowDown: () => stepCard(1),
      ArrowUp: () => stepCard(-1),
      Escape: () => router.closeTask(),
    };
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || hasModifier(event) || isTyping(event.target)) return;
      const destination = event.timeStamp - goMs < SEQUENCE_MS ? DESTINATIONS[event.key] : undefined;
      goMs = event.key === 'g' ? event.timeStamp : -SEQUENCE_MS;
      const isCardStep = event.key.startsWith('Arrow') && !(event.target instanceof Element && event.target.matches(CARD));
      const run = destination ? () => router.show(destination) : isCardStep ? undefined : keys[event.key];
      if (!run) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [router, today]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable], dialog') !== null;
}

function stepCard(by: number): void {
  const cards = [...document.querySelectorAll<HTMLElement>(CARD)];
  const at = cards.indexOf(document.activeElement as HTMLElement);
  const next = cards[at + by];
  if (at >= 0 && next) focusOn(`[data-task-id="${CSS.escape(next.dataset.taskId ?? '')}"]`);
}

function focusOn(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}
