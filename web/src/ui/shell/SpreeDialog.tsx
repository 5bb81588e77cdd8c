/** The tasks that somebody changed many of at once. */

import { useIsFetching } from '@tanstack/react-query';

import { usePlanner } from '../../hooks/planner-context';
import { useSpree } from '../../hooks/useActivity';
import { useToday } from '../../hooks/useToday';
import { dayName } from '../../sync/dates';
import { Dialog } from '../parts/Dialog';
import { useRouter } from '../router-context';

export function SpreeDialog() {
  const { activity, taskStore } = usePlanner();
  const router = useRouter();
  const today = useToday();
  const spree = useSpree();
  // The lists that hold the tasks may still be on their way.
  useIsFetching();
  if (!spree) return null;
  const close = () => activity.closeList();
  const tasks = spree.taskIds.flatMap((id) => taskStore.find(id) ?? []);
  const others = spree.taskIds.length - tasks.length;
  return (
    <Dialog title={`${spree.who} changed ${spree.taskIds.length} tasks`} onClose={close}>
      <ul className="spree">
        {tasks.map((task) => (
          <li key={task.id}>
            <button
              type="button"
              className="spree-task"
              onClick={() => {
                close();
                router.openTask(task.id);
              }}
            >
              <span>{task.title}</span>
              <small>{task.scheduledDate === null ? 'Backlog' : dayName(task.scheduledDate, today)}</small>
            </button>
          </li>
        ))}
      </ul>
      {others > 0 && <p className="field-hint">{`${others} more: not on this screen, or deleted.`}</p>}
    </Dialog>
  );
}
