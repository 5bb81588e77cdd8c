/** The steps of a task: tick, rename, move, delete, add. */

import { useState } from 'react';
import type { SyntheticEvent, KeyboardEvent } from 'react';

import { LONGEST_TITLE } from '../../api/models';
import type { Subtask, Task } from '../../api/models';
import { useActions } from '../../hooks/useActions';
import { useShortText } from '../../hooks/useShortText';
import { isUnsaved } from '../../sync/task-writes';
import { IconButton } from '../parts/Button';
import { Icon } from '../parts/Icon';

export function SubtaskList({ task }: { task: Task }) {
  const steps = task.subtasks ?? [];
  const done = steps.filter((step) => step.completed).length;
  return (
    <section className="steps" aria-label="Subtasks">
      <h3 className="panel-label">
        Subtasks {steps.length > 0 && <span className="count">{`${done} of ${steps.length}`}</span>}
      </h3>
      {steps.length > 0 && (
        <progress className="steps-progress" max={steps.length} value={done} aria-label="Subtasks done" />
      )}
      <ul>
        {steps.map((step) => (
          <Step key={step.id} task={task} step={step} steps={steps} />
        ))}
      </ul>
      <AddStep task={task} />
    </section>
  );
}

function Step({ task, step, steps }: { task: Task; step: Subtask; steps: Subtask[] }) {
  const actions = useActions();
  const isNew = isUnsaved(step.id);
  const move = (by: number) => {
    const order = steps.map((one) => one.id).filter((id) => id !== step.id);
    const at = steps.indexOf(step) + by;
    if (at < 0 || at > order.length) return;
    order.splice(at, 0, step.id);
    actions.arrangeSubtasks(task, order);
  };
  const keyed = (event: KeyboardEvent) => {
    if (!event.altKey || isNew || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(event.key === 'ArrowUp' ? -1 : 1);
  };
  return (
    <li className={step.completed ? 'step step-done' : 'step'} onKeyDown={keyed}>
      <button
        type="button"
        className="tick"
        role="checkbox"
        aria-checked={step.completed}
        aria-label={`${step.completed ? 'Reopen' : 'Complete'} ${step.title}`}
        disabled={isNew}
        onClick={() => actions.changeSubtask(task, step.id, { completed: !step.completed })}
      >
        <Icon name="check" size={12} />
      </button>
      <StepTitle task={task} step={step} isDisabled={isNew} />
      <span className="step-tools">
        <button type="button" className="link" aria-label={`Move ${step.title} up`} disabled={isNew || step === steps[0]} onClick={() => move(-1)}>
          ↑
        </button>
        <button type="button" className="link" aria-label={`Move ${step.title} down`} disabled={isNew || step === steps.at(-1)} onClick={() => move(1)}>
          ↓
        </button>
        <IconButton icon="close" label={`Delete ${step.title}`} disabled={isNew} onClick={() => actions.deleteSubtask(task, step.id)} />
      </span>
    </li>
  );
}

function StepTitle({ task, step, isDisabled }: { task: Task; step: Subtask; isDisabled: boolean }) {
  const actions = useActions();
  const title = useShortText(step.title, (typed) => {
    const text = typed.trim();
    if (text !== '' && text !== step.title) actions.changeSubtask(task, step.id, { title: text });
  });
  return (
    <input
      className="step-title"
      aria-label="Subtask title"
      value={title.text}
      maxLength={LONGEST_TITLE}
      disabled={isDisabled}
      onChange={(event) => title.change(event.target.value)}
      onBlur={title.commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') title.commit();
      }}
    />
  );
}

function AddStep({ task }: { task: Task }) {
  const actions = useActions();
  const [title, setTitle] = useState('');
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const text = title.trim();
    if (text === '') return;
    actions.addSubtask(task, text);
    setTitle('');
  };
  return (
    <form className="add-task add-step" onSubmit={submit}>
      <Icon name="plus" size={16} />
      <input value={title} onChange={(event) => setTitle(event.target.value)} maxLength={LONGEST_TITLE} placeholder="Add a subtask" aria-label="Add a subtask" />
    </form>
  );
}
