/** When, how urgent, how long. */

import { useState } from 'react';

import { PRIORITIES } from '../../api/models';
import type { Task } from '../../api/models';
import { useActions } from '../../hooks/useActions';
import { useToday } from '../../hooks/useToday';
import { addDays, dayName } from '../../sync/dates';

const PRIORITY_LABELS = { P0: 'Urgent', P1: 'High', P2: 'Normal', P3: 'Low' } as const;
const ESTIMATES = [15, 30, 45, 60, 90, 120];
const LONGEST_ESTIMATE = 480;

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
          <input
            id="task-date"
            type="date"
            className="input input-small"
            value={task.scheduledDate ?? ''}
            onChange={(event) => moveTo(event.target.value === '' ? null : event.target.value)}
          />
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
              {PRIORITY_LABELS[priority]}
            </label>
          ))}
        </div>
      </fieldset>
      <Estimate key={`${task.id} ${task.estimatedMins ?? ''}`} task={task} />
    </div>
  );
}

function Estimate({ task }: { task: Task }) {
  const actions = useActions();
  const [text, setText] = useState(task.estimatedMins === null ? '' : String(task.estimatedMins));
  const save = (minutes: number | null) => {
    if (minutes !== task.estimatedMins) actions.changeTask(task, { estimatedMins: minutes });
  };
  const saveText = () => {
    const minutes = Math.round(Number(text));
    if (text.trim() === '') save(null);
    else if (minutes >= 1 && minutes <= LONGEST_ESTIMATE) save(minutes);
    else setText(task.estimatedMins === null ? '' : String(task.estimatedMins));
  };
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
            value={text}
            placeholder="–"
            onChange={(event) => setText(event.target.value)}
            onBlur={saveText}
            onKeyDown={(event) => {
              if (event.key === 'Enter') saveText();
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
