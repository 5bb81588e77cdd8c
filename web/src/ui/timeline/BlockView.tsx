/** One time block on the timeline: drag it, pull its lower edge, or use the arrow keys. */

import type { KeyboardEvent } from 'react';

import type { TimeBlock } from '../../api/models';
import { useMark } from '../../hooks/useActivity';
import { useActions } from '../../hooks/useActions';
import { useIsUnsaved } from '../../hooks/usePending';
import { addDays, minutesOf } from '../../sync/dates';
import { isUnsaved } from '../../sync/task-writes';
import { hasModifier } from '../parts/keys';
import type { PlacedBlock } from './block-layout';
import { PX_PER_MIN, STEP_MINS, slotAt, slotTo } from './slots';

interface BlockViewProps {
  placed: PlacedBlock;
  day: readonly TimeBlock[];
  open: (block: TimeBlock) => void;
}

/** Below this height the time goes beside the title. */
const LOW_PX = 40;
const LEAST_PX = 20;

export function BlockView({ placed, day, open }: BlockViewProps) {
  const { block, startMins, endMins, column, columns } = placed;
  const mark = useMark(block.id);
  const isWaiting = useIsUnsaved(block.id);
  const keyed = useBlockKeys(block, day, open);
  const isFixed = isUnsaved(block.id);
  const height = Math.max(LEAST_PX, (endMins - startMins) * PX_PER_MIN - 2);
  const isDone = block.task?.completedAt != null;
  return (
    <div
      className={`block ${mark ? 'block-marked' : ''} ${isDone ? 'block-done' : ''} ${height < LOW_PX ? 'block-low' : ''}`}
      style={{
        ['--block-color' as string]: block.color,
        top: startMins * PX_PER_MIN,
        height,
        left: `${(column / columns) * 100}%`,
        width: `calc(${100 / columns}% - 6px)`,
      }}
      data-block-id={isFixed ? undefined : block.id}
      data-start={block.startTime}
      data-end={block.endTime}
      tabIndex={0}
      role="button"
      aria-roledescription="time block"
      onClick={() => {
        if (!isFixed) open(block);
      }}
      onKeyDown={isFixed ? undefined : keyed}
    >
      <span className="block-title">{block.title}</span>
      <span className="block-time">
        {block.startTime} – {block.endTime}
      </span>
      {mark && mark.text !== '' && <span className="card-mark">{mark.text}</span>}
      {isWaiting && <span className="card-unsaved">Not saved yet</span>}
      {!isFixed && (
        <span className="block-end" data-block-end={block.id} data-start={block.startTime} onClick={(event) => event.stopPropagation()} />
      )}
    </div>
  );
}

function useBlockKeys(block: TimeBlock, day: readonly TimeBlock[], open: (block: TimeBlock) => void) {
  const actions = useActions();
  const length = minutesOf(block.endTime) - minutesOf(block.startTime);
  const move = (by: number) => actions.changeBlock(block, slotAt(minutesOf(block.startTime) + by, length));
  const resize = (by: number) =>
    actions.resizeBlock(block, day, slotTo(minutesOf(block.startTime), minutesOf(block.endTime) + by));
  const shift = (days: number) => actions.changeBlock(block, { date: addDays(block.date, days) });

  return (event: KeyboardEvent) => {
    if (hasModifier(event)) return;
    const keys: Record<string, () => void> = {
      ArrowUp: () => (event.shiftKey ? resize(-STEP_MINS) : move(-STEP_MINS)),
      ArrowDown: () => (event.shiftKey ? resize(STEP_MINS) : move(STEP_MINS)),
      ArrowLeft: () => shift(-1),
      ArrowRight: () => shift(1),
      Delete: () => actions.deleteBlock(block),
      Backspace: () => actions.deleteBlock(block),
      Enter: () => open(block),
      ' ': () => open(block),
    };
    const run = keys[event.key];
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };
}
