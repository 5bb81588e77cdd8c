/** The board: what is left from earlier days, today and the days after it, and the backlog. */

import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { usePlanner } from '../../hooks/planner-context';
import { useActions } from '../../hooks/useActions';
import { useBucket } from '../../hooks/useTasks';
import { useToday } from '../../hooks/useToday';
import { addDays, dayAndMonth, dayName, shortDate } from '../../sync/dates';
import { placeKey } from '../../sync/buckets';
import { tasksWith } from '../../sync/effects';
import { isUnsaved } from '../../sync/task-writes';
import { BoardDrag } from '../drag/board-drag';
import type { Spot } from '../drag/board-geometry';
import { Button, IconButton } from '../parts/Button';
import type { Task } from '../../api/models';
import { EarlierColumn } from './EarlierColumn';
import { TaskColumn } from './TaskColumn';

const DAYS_SHOWN = 7;

export function BoardPage() {
  const today = useToday();
  const [offset, setOffset] = useState(0);
  const [words, setWords] = useState('');
  const first = addDays(today, offset);
  const days = useMemo(() => Array.from({ length: DAYS_SHOWN }, (_, day) => addDays(first, day)), [first]);
  const board = useBoardDrag(today, setWords);

  return (
    <div className="page board-page" ref={board}>
      <header className="page-head">
        <h1>Board</h1>
        <p className="page-detail">
          {dayAndMonth(first)} – {dayAndMonth(addDays(first, DAYS_SHOWN - 1))}
        </p>
        <div className="page-tools">
          <IconButton icon="left" label="Earlier days" onClick={() => setOffset(offset - DAYS_SHOWN)} />
          <Button onClick={() => setOffset(0)} disabled={offset === 0}>
            Today
          </Button>
          <IconButton icon="right" label="Later days" onClick={() => setOffset(offset + DAYS_SHOWN)} />
        </div>
      </header>
      <ColumnChips days={days} today={today} hasEarlier={offset === 0} />
      <div className="columns" data-scroll="x">
        {offset === 0 && <EarlierColumn today={today} />}
        {days.map((date) => (
          <DayColumn key={date} date={date} today={today} />
        ))}
        <BacklogColumn />
      </div>
      <p className="visually-hidden" role="status" aria-live="assertive">
        {words}
      </p>
    </div>
  );
}

function DayColumn({ date, today }: { date: string; today: string }) {
  const listing = useBucket({ kind: 'day', date });
  const name = dayName(date, today);
  const detail = name.includes(' ') ? undefined : shortDate(date);
  return (
    <TaskColumn
      listing={listing}
      name={name}
      {...(detail === undefined ? {} : { detail })}
      place={date}
      isToday={date === today}
      empty={date === today ? 'A free day so far.' : 'Nothing planned.'}
    />
  );
}

function BacklogColumn() {
  const listing = useBucket({ kind: 'backlog' });
  return (
    <TaskColumn
      listing={listing}
      name="Backlog"
      detail="no date yet"
      place={null}
      className="column-backlog"
      empty="Ideas and tasks without a day wait here."
    />
  );
}

/** Jumps between columns where only one fits the screen. */
function ColumnChips({ days, today, hasEarlier }: { days: string[]; today: string; hasEarlier: boolean }) {
  const earlier = useBucket({ kind: 'earlier', before: today });
  const jump = (column: string) =>
    document.querySelector(`[data-column="${column}"]`)?.scrollIntoView({ inline: 'start', block: 'nearest', behavior: 'smooth' });
  return (
    <nav className="column-chips" aria-label="Columns">
      {hasEarlier && earlier.rows.length > 0 && (
        <button type="button" className="chip" onClick={() => jump('Earlier')}>
          Earlier
        </button>
      )}
      {days.map((date) => (
        <button type="button" key={date} className={date === today ? 'chip chip-today' : 'chip'} onClick={() => jump(date)}>
          {date === today ? 'Today' : shortDate(date).split(' ').slice(0, 2).join(' ')}
        </button>
      ))}
      <button type="button" className="chip" onClick={() => jump('Backlog')}>
        Backlog
      </button>
    </nav>
  );
}

function useBoardDrag(today: string, say: (words: string) => void) {
  const { client, outbox, taskStore } = usePlanner();
  const actions = useActions();
  const board = useRef<HTMLDivElement>(null);

  const dropped = useCallback(
    (taskId: string, { place, index }: Spot) => {
      const bucket = place === null ? ({ kind: 'backlog' } as const) : ({ kind: 'day', date: place } as const);
      const rows = tasksWith(outbox.pending.tasks, client.getQueryData<Task[]>(placeKey(place)) ?? [], bucket);
      const open = rows.filter((task) => task.completedAt === null && !isUnsaved(task.id)).map((task) => task.id);
      const others = open.filter((id) => id !== taskId);
      const order = [...others.slice(0, index), taskId];
      const task = rows.find((row) => row.id === taskId) ?? taskStore.find(taskId);
      const isUnmoved = open.indexOf(taskId) === index;
      if (task && !isUnmoved) actions.arrange([task], place, order);
    },
    [actions, client, outbox, taskStore],
  );

  useEffect(() => {
    if (!board.current) return;
    const nameOf = (place: string | null) => (place === null ? 'Backlog' : dayName(place, today));
    return new BoardDrag(board.current, { dropped, said: say, nameOf }).attach();
  }, [dropped, say, today]);
  return board;
}
