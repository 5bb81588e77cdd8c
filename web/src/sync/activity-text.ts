/** What somebody else did, in words: "Claude moved it to Thursday". */

import type { Actor } from '../realtime/event-types';
import { BACKLOG } from '../realtime/event-types';
import type { DataEvent } from '../realtime/frames';
import { dayName } from './dates';

export function actorName(actor: Actor | undefined): string {
  if (actor?.kind === 'key') return actor.name ?? 'An agent';
  if (actor?.kind === 'session') return actor.name === null ? 'Another tab of yours' : `You (${actor.name})`;
  return 'The planner';
}

const FIELD_WORDS: readonly (readonly [string, string])[] = [
  ['title', 'renamed it'],
  ['notes', 'edited the notes'],
  ['priority', 'changed the priority'],
  ['estimatedMins', 'changed the estimate'],
  ['subtasks', 'changed the subtasks'],
  ['completedAt', 'reopened it'],
];

/** Null: nothing that needs words on the task or block itself. */
export function deedOf(event: DataEvent, today: string): string | null {
  switch (event.type) {
    case 'task:created':
      return 'added it';
    case 'task:completed':
      return 'completed it';
    case 'task:deleted':
    case 'timeblock:deleted':
      return 'deleted it';
    case 'task:updated': {
      const { scheduledDate, previousScheduledDate, fields = [] } = event.payload;
      if (previousScheduledDate !== undefined) return movedTo(scheduledDate, today);
      return FIELD_WORDS.find(([field]) => fields.includes(field))?.[1] ?? 'changed it';
    }
    case 'task:reordered':
      return event.payload.moved ? movedTo(event.payload.date, today) : null;
    case 'timeblock:created':
      return 'scheduled it';
    case 'timeblock:updated':
      return event.payload.fields?.some((field) => /date|time/i.test(field)) ? 'moved it' : 'changed it';
    case 'user:updated':
      return null;
  }
}

/** A task or a time block. */
export interface Row {
  readonly kind: 'task' | 'block';
  readonly id: string;
}

/** The rows that the event is about. */
export function subjectsOf(event: DataEvent): Row[] {
  if (event.type === 'user:updated') return [];
  if (event.type === 'task:reordered') return (event.payload.moved ?? []).map(({ taskId }) => ({ kind: 'task', id: taskId }));
  const { payload } = event;
  return ['taskId' in payload ? { kind: 'task', id: payload.taskId } : { kind: 'block', id: payload.timeBlockId }];
}

/** "4 tasks and 1 time block". */
export function countWords(rows: readonly Row[]): string {
  const tasks = rows.filter((row) => row.kind === 'task').length;
  const counts = [counted(tasks, 'task'), counted(rows.length - tasks, 'time block')];
  return counts.filter((words) => words !== '').join(' and ');
}

function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function movedTo(place: string | null, today: string): string {
  if (place === null || place === BACKLOG) return 'moved it to the backlog';
  const name = dayName(place, today);
  return `moved it to ${/^(Today|Tomorrow|Yesterday)$/.test(name) ? name.toLowerCase() : name}`;
}
