/** Finds tasks by the words in their titles and notes. */

import { useDeferredValue, useEffect, useState } from 'react';

import { SEARCH_LIMIT } from '../../hooks/queries';
import { useBucket } from '../../hooks/useTasks';
import { useToday } from '../../hooks/useToday';
import { dayName } from '../../sync/dates';
import { TaskCard } from '../board/TaskCard';
import { Icon } from '../parts/Icon';
import { EmptyState, ErrorState, Skeleton } from '../parts/States';
import { useRouter } from '../router-context';

const PAUSE_MS = 200;

export function SearchPage({ text }: { text: string }) {
  const router = useRouter();
  const [typed, setTyped] = useState(text);
  const [seen, setSeen] = useState(text);
  // The address may change otherwise than by typing: by "/", by Back.
  if (text !== seen) {
    setSeen(text);
    if (text !== typed.trim()) setTyped(text);
  }
  useEffect(() => {
    const timer = setTimeout(() => router.refine({ name: 'search', text: typed.trim() }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [router, typed]);

  return (
    <div className="page search-page">
      <header className="page-head">
        <h1>Search</h1>
      </header>
      <label className="search-box">
        <Icon name="search" />
        <input
          type="search"
          autoFocus
          aria-label="Search tasks"
          placeholder="Words in titles and notes"
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <SearchResults text={useDeferredValue(text)} />
    </div>
  );
}

function countWords(count: number): string {
  if (count === SEARCH_LIMIT) return `The first ${count} tasks`;
  return count === 1 ? '1 task' : `${count} tasks`;
}

function SearchResults({ text }: { text: string }) {
  const today = useToday();
  const { rows, isLoading, error, retry } = useBucket({ kind: 'search', text }, text !== '');
  if (text === '') return <EmptyState icon="search" title="Find any task">Done ones and those without a day too.</EmptyState>;
  if (error) return <ErrorState error={error} retry={retry} />;
  if (isLoading) return <Skeleton rows={4} />;
  if (rows.length === 0) return <EmptyState icon="search" title={`Nothing found for “${text}”`}>Try fewer or other words.</EmptyState>;
  return (
    <div className="search-results" data-scroll="y">
      <p className="search-count" role="status">
        {countWords(rows.length)}
      </p>
      {rows.map((task) => (
        <TaskCard key={task.id} task={task} dayLabel={task.scheduledDate === null ? 'Backlog' : dayName(task.scheduledDate, today)} />
      ))}
    </div>
  );
}
