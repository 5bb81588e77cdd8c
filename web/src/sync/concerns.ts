/** What an event makes stale: just the lists, the task and the days of blocks that it is about. */

import type { DataEvent } from '../realtime/frames';
import { BACKLOG } from '../realtime/event-types';

/** A day; null is the backlog. */
export type Place = string | null;

/** A task that left a list: no fetch is needed to take it out. `version` is unknown for tasks moved by a reorder. */
export interface Departure {
  taskId: string;
  /** Absent: it left every list. */
  from?: Place;
  to?: Place;
  version?: number;
}

export interface Concerns {
  places: Place[];
  departures: Departure[];
  /** Tasks that are in these places now, as far as the event tells. */
  present: string[];
  /** Tasks by the version that they have now. */
  tasks: { taskId: string; version: number }[];
  /** Tasks whose blocks show something else now. */
  blockTaskIds: string[];
  blockDates: string[];
  blockDepartures: { timeBlockId: string; version: number }[];
  /** Blocks that got a task back. */
  blockIds: string[];
  profile: boolean;
}

const NOTHING: Concerns = {
  places: [],
  departures: [],
  present: [],
  tasks: [],
  blockTaskIds: [],
  blockDates: [],
  blockDepartures: [],
  blockIds: [],
  profile: false,
};

export function concernsOf(event: DataEvent): Concerns {
  switch (event.type) {
    case 'task:created':
    case 'task:updated':
    case 'task:completed': {
      const { taskId, version, scheduledDate, previousScheduledDate: from, timeBlockIds = [] } = event.payload;
      return {
        ...NOTHING,
        places: [scheduledDate],
        departures: from === undefined ? [] : [{ taskId, version, from, to: scheduledDate }],
        present: [taskId],
        tasks: [{ taskId, version }],
        blockTaskIds: [taskId],
        blockIds: timeBlockIds,
      };
    }
    case 'task:deleted': {
      const { taskId, version } = event.payload;
      return { ...NOTHING, departures: [{ taskId, version }] };
    }
    case 'task:reordered': {
      const { date, taskIds, moved = [] } = event.payload;
      const place = date === BACKLOG ? null : date;
      return {
        ...NOTHING,
        places: [place],
        departures: moved.map((move) => ({ taskId: move.taskId, from: move.previousScheduledDate, to: place })),
        present: taskIds,
        blockTaskIds: moved.map((move) => move.taskId),
      };
    }
    case 'timeblock:created':
    case 'timeblock:updated': {
      const { date, previousDate } = event.payload;
      return { ...NOTHING, blockDates: previousDate === undefined ? [date] : [date, previousDate] };
    }
    case 'timeblock:deleted': {
      const { timeBlockId, version } = event.payload;
      return { ...NOTHING, blockDepartures: [{ timeBlockId, version }] };
    }
    case 'user:updated':
      return { ...NOTHING, profile: true };
  }
}
