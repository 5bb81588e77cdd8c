/** What was planned for earlier days and is not done: there only while there is any. */

import { useBucket } from '../../hooks/useTasks';
import { useActions } from '../../hooks/useActions';
import { dayName } from '../../sync/dates';
import { LONGEST_ORDER } from '../../sync/task-writes';
import { Button } from '../parts/Button';
import { TaskColumn } from './TaskColumn';

export function EarlierColumn({ today }: { today: string }) {
  const earlier = useBucket({ kind: 'earlier', before: today });
  const planned = useBucket({ kind: 'day', date: today });
  const actions = useActions();
  if (earlier.rows.length === 0 && !earlier.error) return null;

  const moveAll = () => {
    const moved = earlier.rows.slice(0, LONGEST_ORDER);
    const open = planned.rows.filter((task) => task.completedAt === null);
    const order = [...moved, ...open].map((task) => task.id);
    actions.arrange(moved, today, order);
  };
  return (
    <TaskColumn
      listing={earlier}
      name="Earlier"
      className="column-earlier"
      empty=""
      cardLabel={(task) => dayName(task.scheduledDate ?? today, today)}
      actions={
        <Button kind="quiet" className="move-all" onClick={moveAll} disabled={earlier.rows.length === 0}>
          Move all to today
        </Button>
      }
    />
  );
}
