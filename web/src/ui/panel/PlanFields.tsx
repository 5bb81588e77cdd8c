/** When, how urgent, how long. */

import { useRef } from 'react';

import { PRIORITIES, PRIORITY_NAMES } from '../../api/models';
import type { Task } from '../../api/models';
import { useActions } from '../../hooks/useActions';
import { useShortText } from '../../hooks/useShortText';
import { useToday } from '../../hooks/useToday';
import { addDays, dayName } from '../../sync/dates';

const ESTIMATES = [15, 30, 45, 60, 90, 120];
const LONGEST_ESTIMATE = 480;
/** Whoever types a year passes through 0002 and 0020. */
const FIRST_DAY = '2000-01-01';

export function PlanFields({ task }: { task: Task }) {
  const actions = useActions();
  const today = useToday();
  const moveTo = (date: string | null) => {
    if (date !== task.scheduledDate) actions.changeTask(task, { scheduledDate: date });
  };
  const days: [string, string | null][] = [
    ['Today', today],
    ['Tomorrow', addDays(today, 1)],
    ['Next week', addDays(today, 7)],
    ['Backlog', null],
  ];
  return (
    <div className="plan-fields">
      <div className="plan-row">
        <label className="panel-label" htmlFor="task-date">
          Day
        </label>
        <div className="plan-value">
          <DayInput date={task.scheduledDate} moveTo={moveTo} />
          <span className="plan-name">{task.scheduledDate === null ? 'Backlog' : dayName(task.scheduledDate, today)}</span>
          <div className="chip-row">
            {days.map(([name, date]) => (
              <button type="button" key={name} className="chip" aria-pressed={task.scheduledDate === date} onClick={() => moveTo(date)}>
                {name}
              </button>
            ))}
          </div>
        </div>
      </div>
      <fieldset className="plan-row">
        <legend className="panel-label">Priority</legend>
        <div className="segments">
          {PRIORITIES.map((priority) => (
            <label key={priority} className={`segment priority-${priority}`}>
              <input
                type="radio"
                name="priority"
                checked={task.priority === priority}
                onChange={() => actions.changeTask(task, { priority })}
              />
              {PRIORITY_NAMES[priority]}
            </label>
          ))}
        </div>
      </fieldset>
      <Estimate task={task} />
    </div>
  );
}

/** A day that is picked counts at once, one that is typed when it is complete: every key makes a valid day of its own. */
function DayInput({ date, moveTo }: { date: string | null; moveTo: (date: string | null) => void }) {
  const isTyping = useRef(false);
  const input = useRef<HTMLInputElement>(null);
  const move = (text: string) => {
    if (text >= FIRST_DAY) moveTo(text);
    // While a part is missing, the field has no value either.
    else if (text === '' && input.current?.validity.badInput === false) moveTo(null);
  };
  const day = useShortText(date ?? '', move);
  const commit = () => {
    isTyping.current = false;
    day.commit();
  };
  return (
    <input
      ref={input}
      id="task-date"
      type="date"
      className="input input-small"
      min={FIRST_DAY}
      value={day.text}
      onChange={({ target }) => (isTyping.current ? day.change(target.value) : move(target.value))}
      onBlur={commit}
      onKeyDown={(event) => {
        isTyping.current = true;
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

function Estimate({ task }: { task: Task }) {
  const actions = useActions();
  const save = (minutes: number | null) => {
    if (minutes !== task.estimatedMins) actions.changeTask(task, { estimatedMins: minutes });
  };
  const estimate = useShortText(task.estimatedMins === null ? '' : String(task.estimatedMins), (text) => {
    const minutes = Math.round(Number(text));
    if (text.trim() === '') save(null);
    else if (minutes >= 1 && minutes <= LONGEST_ESTIMATE) save(minutes);
  });
  return (
    <div className="plan-row">
      <label className="panel-label" htmlFor="task-estimate">
        Estimate
      </label>
      <div className="plan-value">
        <span className="with-unit">
          <input
            id="task-estimate"
            className="input input-small input-number"
            inputMode="numeric"
            value={estimate.text}
            placeholder="–"
            onChange={(event) => estimate.change(event.target.value)}
            onBlur={estimate.commit}
            onKeyDown={(event) => {
              if (event.key === 'Enter') estimate.commit();
            }}
          />
          min
        </span>
        <div className="chip-row">
          {ESTIMATES.map((minutes) => (
            <button type="button" key={minutes} className="chip" aria-pressed={task.estimatedMins === minutes} onClick={() => save(minutes)}>
              {minutes < 60 ? `${minutes} min` : `${minutes / 60} h`}
            </button>
          ))}
        </div>
      </div>
    </div>
  );
}
