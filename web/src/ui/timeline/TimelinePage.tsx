/** A day by the hour: its time blocks, and its tasks to drag in. */

import { useEffect, useRef, useState } from 'react';

import type { TimeBlock } from '../../api/models';
import { usePlanner } from '../../hooks/planner-context';
import { useActions } from '../../hooks/useActions';
import { useBlocks } from '../../hooks/useBlocks';
import { useBucket } from '../../hooks/useTasks';
import { useToday } from '../../hooks/useToday';
import { useUser } from '../../hooks/useUser';
import type { Slot } from '../../sync/cascade';
import { addDays, dayName, longDate } from '../../sync/dates';
import { Button, IconButton } from '../parts/Button';
import { ErrorState, Skeleton } from '../parts/States';
import { useRouter } from '../router-context';
import { BlockDialog } from './BlockDialog';
import { DayGrid } from './DayGrid';
import { NEW_BLOCK_MINS, freeSlot } from './slots';
import { TaskTray } from './TaskTray';
import { TimelineDrag } from './timeline-drag';

const DEFAULT_WORK_HOURS = [9, 18] as const;

export function TimelinePage({ date: chosen }: { date: string | null }) {
  const today = useToday();
  const date = chosen ?? today;
  const router = useRouter();
  const { today: clock } = usePlanner();
  const { preferences } = useUser();
  const blocks = useBlocks(date);
  const tasks = useBucket({ kind: 'day', date });
  const [openBlock, setOpenBlock] = useState<TimeBlock | null>(null);
  const [newBlock, setNewBlock] = useState<{ date: string; slot: Slot } | null>(null);
  const page = useTimelineDrag(date, blocks.rows);
  const workStartHour = preferences?.workStartHour ?? DEFAULT_WORK_HOURS[0];
  const setNewSlot = (slot: Slot | null) => setNewBlock(slot && { date, slot });
  const add = () => {
    const nowMins = date === today ? clock.minute : 0;
    setNewSlot(freeSlot(blocks.rows, Math.max(nowMins, workStartHour * 60), NEW_BLOCK_MINS));
  };
  const show = (day: string) => router.show({ name: 'day', date: day === today ? null : day });

  return (
    <div className="page timeline-page" ref={page}>
      <header className="page-head">
        <h1>{dayName(date, today)}</h1>
        <p className="page-detail">{longDate(date)}</p>
        <div className="page-tools">
          <IconButton icon="plus" label="Add a block" disabled={blocks.isLoading || blocks.error !== null} onClick={add} />
          <IconButton icon="left" label="Previous day" onClick={() => show(addDays(date, -1))} />
          <Button onClick={() => show(today)} disabled={date === today}>
            Today
          </Button>
          <IconButton icon="right" label="Next day" onClick={() => show(addDays(date, 1))} />
        </div>
      </header>
      <div className="timeline">
        {blocks.error && <ErrorState error={blocks.error} retry={blocks.retry} />}
        {blocks.isLoading && <Skeleton rows={6} />}
        {!blocks.error && !blocks.isLoading && (
          <DayGrid
            date={date}
            blocks={blocks.rows}
            workStartHour={workStartHour}
            workEndHour={preferences?.workEndHour ?? DEFAULT_WORK_HOURS[1]}
            open={setOpenBlock}
            newSlot={newBlock?.date === date ? newBlock.slot : null}
            setNewSlot={setNewSlot}
          />
        )}
        <TaskTray tasks={tasks} blocks={blocks.rows} />
      </div>
      {openBlock && <BlockDialog block={openBlock} onClose={() => setOpenBlock(null)} />}
    </div>
  );
}

function useTimelineDrag(date: string, blocks: readonly TimeBlock[]) {
  const { taskStore } = usePlanner();
  const actions = useActions();
  const page = useRef<HTMLDivElement>(null);
  const shown = useRef(blocks);
  useEffect(() => {
    shown.current = blocks;
  }, [blocks]);

  useEffect(() => {
    if (!page.current) return;
    const find = (id: string) => shown.current.find((block) => block.id === id);
    return new TimelineDrag(page.current, {
      taskDropped: (taskId, slot) => {
        const task = taskStore.find(taskId);
        if (task) actions.scheduleTask(task, date, slot);
      },
      blockMoved: (id, slot) => {
        const block = find(id);
        if (block && block.startTime !== slot.startTime) actions.changeBlock(block, slot);
      },
      blockResized: (id, slot) => {
        const block = find(id);
        if (block && block.endTime !== slot.endTime) actions.resizeBlock(block, shown.current, slot);
      },
    }).attach();
  }, [actions, date, taskStore]);
  return page;
}
