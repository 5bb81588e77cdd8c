/** The hours of a day with its blocks; a click on free time adds a block there. */

import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { SyntheticEvent, MouseEvent } from 'react';

import { LONGEST_BLOCK_TITLE } from '../../api/models';
import type { TimeBlock } from '../../api/models';
import { useActions } from '../../hooks/useActions';
import { useMinute, useToday } from '../../hooks/useToday';
import type { Slot } from '../../sync/cascade';
import { minutesOf, timeOf } from '../../sync/dates';
import { layoutDay } from './block-layout';
import { BlockView } from './BlockView';
import { DAY_MINS, NEW_BLOCK_MINS, PX_PER_MIN, minuteAt, slotAt } from './slots';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const SCROLL_MARGIN_MINS = 30;

interface DayGridProps {
  date: string;
  blocks: TimeBlock[];
  workStartHour: number;
  workEndHour: number;
  open: (block: TimeBlock) => void;
  /** Where a block is being added. */
  newSlot: Slot | null;
  setNewSlot: (slot: Slot | null) => void;
}

export function DayGrid({ date, blocks, workStartHour, workEndHour, open, newSlot, setNewSlot }: DayGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const today = useToday();

  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop = (workStartHour * 60 - SCROLL_MARGIN_MINS) * PX_PER_MIN;
  }, [date, workStartHour]);

  const clicked = (event: MouseEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return;
    const minute = minuteAt(event.currentTarget, event.clientY);
    setNewSlot(slotAt(Math.floor(minute / 30) * 30, NEW_BLOCK_MINS));
  };
  return (
    <div className="day-scroll" data-scroll="y" ref={scroller} tabIndex={0} role="region" aria-label="Hours of the day">
      <div className="day" style={{ height: DAY_MINS * PX_PER_MIN }}>
        <div className="hours" aria-hidden="true">
          {HOURS.map((hour) => (
            <span key={hour} className="hour" style={{ top: hour * 60 * PX_PER_MIN }}>
              {hour === 0 ? '' : timeOf(hour * 60)}
            </span>
          ))}
        </div>
        <div
          className="day-grid"
          data-day-grid=""
          style={{ backgroundSize: `100% ${60 * PX_PER_MIN}px` }}
          onClick={clicked}
        >
          <div
            className="work-hours"
            style={{ top: workStartHour * 60 * PX_PER_MIN, height: (workEndHour - workStartHour) * 60 * PX_PER_MIN }}
          />
          {layoutDay(blocks).map((placed) => (
            <BlockView key={placed.block.id} placed={placed} day={blocks} open={open} />
          ))}
          {newSlot && <NewBlock key={newSlot.startTime} date={date} slot={newSlot} close={() => setNewSlot(null)} />}
          {date === today && <NowLine />}
        </div>
      </div>
    </div>
  );
}

function NowLine() {
  const minute = useMinute();
  return <div className="now-line" style={{ top: minute * PX_PER_MIN }} role="img" aria-label={`Now: ${timeOf(minute)}`} />;
}

function NewBlock({ date, slot, close }: { date: string; slot: Slot; close: () => void }) {
  const actions = useActions();
  const input = useRef<HTMLInputElement>(null);
  const [title, setTitle] = useState('');
  useEffect(() => input.current?.focus(), []);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (title.trim() !== '') actions.addBlock(title.trim(), date, slot);
    close();
  };
  const top = minutesOf(slot.startTime) * PX_PER_MIN;
  return (
    <form className="new-block" style={{ top, height: NEW_BLOCK_MINS * PX_PER_MIN }} onSubmit={submit}>
      <input
        ref={input}
        value={title}
        maxLength={LONGEST_BLOCK_TITLE}
        placeholder={`New block at ${slot.startTime}`}
        aria-label={`Title of the new block at ${slot.startTime}`}
        onChange={(event) => setTitle(event.target.value)}
        onBlur={() => {
          if (title.trim() === '') close();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') close();
        }}
      />
    </form>
  );
}
