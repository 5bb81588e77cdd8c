/** The day's open tasks beside its hours, to drag in or to have scheduled. */

import type { KeyboardEvent } from 'react';

import type { Task, TimeBlock } from '../../api/models';
import { useActions } from '../../hooks/useActions';
import type { Listing } from '../../hooks/useTasks';
import { duration } from '../../sync/dates';
import { isUnsaved } from '../../sync/task-writes';
import { IconButton } from '../parts/Button';
import { hasModifier } from '../parts/keys';
import { ErrorState, Skeleton } from '../parts/States';
import { useRouter } from '../router-context';

export function TaskTray({ tasks, blocks }: { tasks: Listing<Task>; blocks: TimeBlock[] }) {
  const open = tasks.rows.filter((task) => task.completedAt === null);
  return (
    <section className="tray" aria-label="Tasks of this day">
      <h2>
        Tasks <span className="count">{open.length}</span>
      </h2>
      {tasks.error && <ErrorState error={tasks.error} retry={tasks.retry} />}
      {tasks.isLoading && <Skeleton rows={3} />}
      {!tasks.isLoading && !tasks.error && open.length === 0 && <p className="column-empty">No open task on this day.</p>}
      <div className="tray-list" data-scroll="y">
        {open.map((task) => (
          <TrayTask key={task.id} task={task} block={blocks.find((block) => block.taskId === task.id)} />
        ))}
      </div>
    </section>
  );
}

function TrayTask({ task, block }: { task: Task; block: TimeBlock | undefined }) {
  const router = useRouter();
  const actions = useActions();
  const isNew = isUnsaved(task.id);
  const open = () => router.openTask(task.id);
  const keyed = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || hasModifier(event)) return;
    if (event.key === 'Enter') open();
    if (event.key === 's') actions.autoSchedule(task);
  };
  return (
    <article
      className={`card tray-task ${block ? 'tray-task-planned' : ''}`}
      data-task-id={task.id}
      data-estimate={task.estimatedMins ?? undefined}
      data-fixed={isNew ? '' : undefined}
      tabIndex={0}
      aria-label={task.title}
      onClick={isNew ? undefined : open}
      onKeyDown={isNew ? undefined : keyed}
    >
      <div className="card-body">
        <p className="card-title">{task.title}</p>
        <p className="card-facts">
          {block ? <span className="fact fact-planned">{`${block.startTime} – ${block.endTime}`}</span> : <span className="fact">not scheduled</span>}
          {task.estimatedMins !== null && <span className="fact">{duration(task.estimatedMins)}</span>}
        </p>
      </div>
      {!block && (
        <IconButton
          icon="calendarAdd"
          label={`Find a time for ${task.title}`}
          disabled={isNew}
          onClick={(event) => {
            event.stopPropagation();
            actions.autoSchedule(task);
          }}
        />
      )}
    </article>
  );
}
