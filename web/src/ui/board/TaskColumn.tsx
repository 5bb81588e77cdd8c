/** One column of the board: its head, its open tasks, the done ones below, and the line to add more. */

import { useState } from 'react';
import type { ReactNode } from 'react';

import type { Task } from '../../api/models';
import type { Listing } from '../../hooks/useTasks';
import { BACKLOG } from '../../realtime/event-types';
import { duration } from '../../sync/dates';
import { ErrorState, Skeleton } from '../parts/States';
import { AddTask } from './AddTask';
import { TaskCard } from './TaskCard';

interface TaskColumnProps {
  listing: Listing<Task>;
  name: string;
  detail?: string;
  /** A day, or null for the backlog; undefined where nothing can be dropped or added. */
  place?: string | null;
  isToday?: boolean;
  actions?: ReactNode;
  empty: ReactNode;
  className?: string;
  cardLabel?: (task: Task) => string;
}

export function TaskColumn({ listing, name, detail, place, isToday, actions, empty, className = '', cardLabel }: TaskColumnProps) {
  const open = listing.rows.filter((task) => task.completedAt === null);
  const done = listing.rows.filter((task) => task.completedAt !== null);
  const planned = open.reduce((sum, task) => sum + (task.estimatedMins ?? 0), 0);
  return (
    <section
      className={`column ${isToday ? 'column-today' : ''} ${className}`}
      aria-label={detail === undefined ? name : `${name}, ${detail}`}
      data-place={place === undefined ? undefined : (place ?? BACKLOG)}
      data-column={place ?? name}
    >
      <header className="column-head">
        <h2>
          {name} {detail !== undefined && <small>{detail}</small>}
        </h2>
        <span className="column-sum">
          {planned > 0 && <span>{duration(planned)}</span>}
          {open.length > 0 && <span className="count">{open.length}</span>}
        </span>
        {actions}
      </header>
      <div className="column-list" data-scroll="y" data-drop-list={place === undefined ? undefined : ''}>
        {listing.error && <ErrorState error={listing.error} retry={listing.retry} />}
        {listing.isLoading && <Skeleton rows={3} />}
        {open.map((task) => (
          <TaskCard key={task.id} task={task} dayLabel={cardLabel?.(task)} />
        ))}
        {!listing.isLoading && !listing.error && listing.rows.length === 0 && <div className="column-empty">{empty}</div>}
        {place !== undefined && <AddTask date={place} placeName={name} />}
        {done.length > 0 && <DoneTasks tasks={done} />}
      </div>
    </section>
  );
}

function DoneTasks({ tasks }: { tasks: Task[] }) {
  const [isOpen, setOpen] = useState(true);
  return (
    <div className="done-tasks">
      <button type="button" className="done-toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Done <span className="count">{tasks.length}</span>
      </button>
      {isOpen && tasks.map((task) => <TaskCard key={task.id} task={task} />)}
    </div>
  );
}
