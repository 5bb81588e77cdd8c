/** The tasks and time blocks that somebody changed many of at once. */

import { useIsFetching } from '@tanstack/react-query';

import { usePlanner } from '../../hooks/planner-context';
import { useSpree } from '../../hooks/useActivity';
import { useToday } from '../../hooks/useToday';
import type { Planner } from '../../planner';
import { countWords } from '../../sync/activity-text';
import type { Row } from '../../sync/activity-text';
import { dayName } from '../../sync/dates';
import { Button } from '../parts/Button';
import { Dialog } from '../parts/Dialog';
import type { Router } from '../router';
import { useRouter } from '../router-context';

export function SpreeDialog() {
  const planner = usePlanner();
  const { activity } = planner;
  const router = useRouter();
  const spree = useSpree();
  // The lists that hold the rows may still be on their way.
  useIsFetching();
  if (!spree) return null;
  const { who, rows, deleted } = spree;
  const close = () => activity.closeList();
  const alive = rows.filter((row) => !deleted.includes(row));
  const lines = alive.flatMap((row) => lineOf(planner, router, row) ?? []);
  const others = alive.length - lines.length;
  return (
    <Dialog title={`${who} changed ${countWords(rows)}`} onClose={close}>
      <ul className="spree">
        {lines.map((line) => (
          <SpreeLine key={line.id} line={line} close={close} />
        ))}
      </ul>
      {others > 0 && <p className="field-hint">{`${others} more: not on this screen.`}</p>}
      {deleted.length > 0 && (
        <div className="button-row">
          <p>{`${countWords(deleted)} deleted`}</p>
          <Button
            onClick={() => {
              activity.restore(deleted);
              close();
            }}
          >
            Bring back
          </Button>
        </div>
      )}
    </Dialog>
  );
}

interface Line {
  id: string;
  title: string;
  date: string | null;
  open: () => void;
}

function SpreeLine({ line, close }: { line: Line; close: () => void }) {
  const today = useToday();
  return (
    <li>
      <button
        type="button"
        className="spree-task"
        onClick={() => {
          close();
          line.open();
        }}
      >
        <span>{line.title}</span>
        <small>{line.date === null ? 'Backlog' : dayName(line.date, today)}</small>
      </button>
    </li>
  );
}

/** Null: it is not on this screen. */
function lineOf({ taskStore, blockStore }: Planner, router: Router, { kind, id }: Row): Line | null {
  if (kind === 'task') {
    const task = taskStore.find(id);
    return task && { id, title: task.title, date: task.scheduledDate, open: () => router.openTask(id) };
  }
  const block = blockStore.find(id);
  return block && { id, title: block.title, date: block.date, open: () => router.show({ name: 'day', date: block.date }) };
}
