/** Which screen the address names. Paths live under /app/, since /tasks and its like are the API. */

import { Emitter } from '../realtime/emitter';
import { addDays } from '../sync/dates';

export const SETTINGS_PAGES = ['profile', 'keys', 'sessions'] as const;
export type SettingsPage = (typeof SETTINGS_PAGES)[number];

export type Screen =
  | { readonly name: 'board' }
  /** Without a date: today. */
  | { readonly name: 'day'; readonly date: string | null }
  | { readonly name: 'search'; readonly text: string }
  | { readonly name: 'settings'; readonly page: SettingsPage };

export interface Place {
  readonly screen: Screen;
  /** The task whose panel is open beside the screen. */
  readonly taskId: string | null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function placeOf(url: URL): Place {
  return { screen: screenOf(url), taskId: url.searchParams.get('task') };
}

export function addressOf({ screen, taskId }: Place): string {
  const query = new URLSearchParams();
  if (screen.name === 'search' && screen.text !== '') query.set('q', screen.text);
  if (taskId !== null) query.set('task', taskId);
  return `/app/${pathOf(screen)}${query.size > 0 ? `?${query}` : ''}`;
}

function pathOf(screen: Screen): string {
  switch (screen.name) {
    case 'day':
      return screen.date === null ? 'day' : `day/${screen.date}`;
    case 'settings':
      return `settings/${screen.page}`;
    default:
      return screen.name;
  }
}

function screenOf(url: URL): Screen {
  const [, , name, detail = ''] = url.pathname.split('/');
  if (name === 'day') return { name, date: isDay(detail) ? detail : null };
  if (name === 'search') return { name, text: url.searchParams.get('q') ?? '' };
  if (name === 'settings') return { name, page: SETTINGS_PAGES.find((page) => page === detail) ?? 'profile' };
  return { name: 'board' };
}

function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text;
}

export class Router {
  readonly #page: Window;
  readonly #changes = new Emitter<undefined>();
  #place: Place;

  constructor(page: Window) {
    this.#page = page;
    this.#place = placeOf(new URL(page.location.href));
    page.addEventListener('popstate', () => this.#set(placeOf(new URL(page.location.href))));
  }

  get place(): Place {
    return this.#place;
  }

  subscribe = (changed: () => void): (() => void) => this.#changes.subscribe(changed);

  /** Another screen; an open panel closes. */
  show(screen: Screen): void {
    this.#go({ screen, taskId: null });
  }

  openTask(taskId: string): void {
    this.#go({ ...this.#place, taskId });
  }

  closeTask(): void {
    if (this.#place.taskId !== null) this.#go({ ...this.#place, taskId: null });
  }

  /** The same screen said more exactly (a search as it is typed): no step of its own in the history. */
  refine(screen: Screen): void {
    const place = { ...this.#place, screen };
    this.#page.history.replaceState(null, '', addressOf(place));
    this.#set(place);
  }

  #go(place: Place): void {
    const address = addressOf(place);
    if (address !== addressOf(this.#place)) this.#page.history.pushState(null, '', address);
    this.#set(place);
  }

  #set(place: Place): void {
    this.#place = place;
    this.#changes.emit(undefined);
  }
}
