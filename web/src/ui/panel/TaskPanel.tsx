/** A task beside the screen, to read and to edit. */

import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';

import { usePlanner } from '../../hooks/planner-context';
import { useActions } from '../../hooks/useActions';
import { useMark } from '../../hooks/useActivity';
import { useTask } from '../../hooks/useTasks';
import { reasonOf } from '../../api/errors';
import type { Task } from '../../api/models';
import { Button, IconButton } from '../parts/Button';
import { ErrorBoundary } from '../parts/ErrorBoundary';
import { EmptyState, Skeleton } from '../parts/States';
import { useRouter } from '../router-context';
import { NotesField } from './NotesField';
import { PlanFields } from './PlanFields';
import { SubtaskList } from './SubtaskList';
import { TitleField } from './TitleField';

export function TaskPanel({ id }: { id: string }) {
  const router = useRouter();
  const panel = useRef<HTMLElement>(null);
  const { task, saved, isLoading, error } = useTask(id);
  const close = () => router.closeTask();

  usePanelFocus(panel, id);

  return (
    <aside
      ref={panel}
      className="panel"
      role="dialog"
      aria-label={task ? `Task: ${task.title}` : 'Task'}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <PanelHead task={task} close={close} />
      {isLoading && !error && <Skeleton rows={5} />}
      {task && saved ? (
        <ErrorBoundary fallback={<Unshowable close={close} />}>
          <PanelBody task={task} saved={saved} />
        </ErrorBoundary>
      ) : (
        !isLoading && <Missing id={id} reason={error ? reasonOf(error) : null} close={close} />
      )}
    </aside>
  );
}

/** When the panel closes, its focus goes to the card of the task, or to where it came from. */
function usePanelFocus(panel: RefObject<HTMLElement | null>, id: string): void {
  useEffect(() => {
    const opener = document.activeElement;
    panel.current?.focus();
    return () => {
      if (document.activeElement !== document.body) return;
      const card = document.querySelector(`[data-task-id="${CSS.escape(id)}"]`) ?? opener;
      if (card instanceof HTMLElement) card.focus({ preventScroll: true });
    };
  }, [panel, id]);
}

function Unshowable({ close }: { close: () => void }) {
  return (
    <EmptyState icon="alert" title="This task can’t be shown">
      <p>What is saved of it is safe.</p>
      <Button onClick={close}>Close</Button>
    </EmptyState>
  );
}

function PanelHead({ task, close }: { task: Task | null; close: () => void }) {
  const actions = useActions();
  const isDone = task?.completedAt != null;
  return (
    <header className="panel-head">
      {task && (
        <Button kind={isDone ? 'plain' : 'primary'} icon="check" onClick={() => actions.setDone(task, !isDone)}>
          {isDone ? 'Reopen' : 'Complete'}
        </Button>
      )}
      <span className="spacer" />
      {task && (
        <>
          <IconButton icon="calendarAdd" label="Find a time for it" onClick={() => actions.autoSchedule(task)} />
          <IconButton
            icon="trash"
            label="Delete task"
            onClick={() => {
              actions.deleteTask(task);
              close();
            }}
          />
        </>
      )}
      <IconButton icon="close" label="Close panel" onClick={close} />
    </header>
  );
}

function PanelBody({ task, saved }: { task: Task; saved: Task }) {
  const mark = useMark(task.id);
  return (
    <div className="panel-body" data-scroll="y">
      {mark && mark.text !== '' && (
        <p className="panel-mark" role="status">
          {mark.text}
        </p>
      )}
      <TitleField key={`title-${task.id}`} saved={saved} />
      <PlanFields task={task} />
      <NotesField key={`notes-${task.id}`} saved={saved} />
      <SubtaskList task={task} />
    </div>
  );
}

function Missing({ id, reason, close }: { id: string; reason: string | null; close: () => void }) {
  const { tasks, notices } = usePlanner();
  const restore = () => {
    tasks.restore(id).catch((error: unknown) => {
      notices.show({ text: `Couldn’t restore the task: ${reasonOf(error)}`, tone: 'problem' });
    });
  };
  return (
    <EmptyState icon="trash" title={reason === null ? 'This task was deleted' : 'This task can’t be shown'}>
      <p>{reason ?? 'It can be brought back for seven days.'}</p>
      <div className="button-row">
        {reason === null && (
          <Button kind="primary" onClick={restore}>
            Bring it back
          </Button>
        )}
        <Button onClick={close}>Close</Button>
      </div>
    </EmptyState>
  );
}
