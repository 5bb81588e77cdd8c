/** One task on the board, in a search or in a tray. */

import { memo } from 'react';
import type { KeyboardEvent } from 'react';

import { PRIORITY_NAMES } from '../../api/models';
import type { Task } from '../../api/models';
import { useMark } from '../../hooks/useActivity';
import { useActions } from '../../hooks/useActions';
import { useHasLeftover } from '../../hooks/useDraft';
import { useIsUnsaved } from '../../hooks/usePending';
import { duration } from '../../sync/dates';
import { isUnsaved } from '../../sync/task-writes';
import { Icon } from '../parts/Icon';
import { hasModifier } from '../parts/keys';
import { useRouter } from '../router-context';

interface TaskCardProps {
  task: Task;
  /** Said on the card where its column does not say it. */
  dayLabel?: string | undefined;
}

export const TaskCard = memo(function TaskCard({ task, dayLabel }: TaskCardProps) {
  const router = useRouter();
  const actions = useActions();
  const mark = useMark(task.id);
  const isWaiting = useIsUnsaved(task.id);
  const hasLeftover = useHasLeftover(task.id);
  const isNew = isUnsaved(task.id);
  const isDone = task.completedAt !== null;
  const open = () => {
    if (!isNew) router.openTask(task.id);
  };

  const keyed = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.defaultPrevented || hasModifier(event)) return;
    if (event.key === 'Enter') open();
    if (event.key === 'x' && !isNew) actions.setDone(task, !isDone);
    if ((event.key === 'Delete' || event.key === 'Backspace') && !isNew) actions.deleteTask(task);
  };

  return (
    <article
      className={`card ${isDone ? 'card-done' : ''} ${mark ? 'card-marked' : ''}`}
      data-task-id={task.id}
      data-title={task.title}
      data-priority={task.priority}
      data-fixed={isNew || isDone ? '' : undefined}
      tabIndex={0}
      aria-label={task.title}
      aria-roledescription="task"
      onClick={open}
      onKeyDown={keyed}
    >
      <button
        type="button"
        className="tick"
        role="checkbox"
        aria-checked={isDone}
        aria-label={isDone ? `Reopen ${task.title}` : `Complete ${task.title}`}
        disabled={isNew}
        onClick={(event) => {
          event.stopPropagation();
          actions.setDone(task, !isDone);
        }}
      >
        <Icon name="check" size={14} />
      </button>
      <div className="card-body">
        <p className="card-title">{task.title}</p>
        <CardFacts task={task} dayLabel={dayLabel} />
        {mark && mark.text !== '' && <p className="card-mark">{mark.text}</p>}
        {isWaiting && <p className="card-unsaved">Not saved yet</p>}
        {hasLeftover && <p className="card-unsaved">Text not saved: open it to decide</p>}
      </div>
    </article>
  );
});

function CardFacts({ task, dayLabel }: TaskCardProps) {
  const steps = task.subtasks ?? [];
  const isPlain = task.priority === 'P2' && task.estimatedMins === null && steps.length === 0 && !task.notes;
  if (isPlain && dayLabel === undefined) return null;
  return (
    <p className="card-facts">
      {dayLabel !== undefined && <span className="fact">{dayLabel}</span>}
      {task.priority !== 'P2' && (
        <span className={`fact priority-${task.priority}`}>
          <Icon name="flag" size={13} />
          {PRIORITY_NAMES[task.priority]}
        </span>
      )}
      {task.estimatedMins !== null && (
        <span className="fact">
          <Icon name="clock" size={13} />
          {duration(task.estimatedMins)}
        </span>
      )}
      {steps.length > 0 && (
        <span className="fact" aria-label={`${steps.filter((step) => step.completed).length} of ${steps.length} subtasks done`}>
          <Icon name="steps" size={13} />
          {steps.filter((step) => step.completed).length}/{steps.length}
        </span>
      )}
      {task.notes && (
        <span className="fact" role="img" aria-label="has notes">
          <Icon name="notes" size={13} />
        </span>
      )}
    </p>
  );
}
