/** The line at a column's end where tasks are added one after the other. */

import { useState } from 'react';
import type { SyntheticEvent } from 'react';

import { LONGEST_TITLE } from '../../api/models';
import { useActions } from '../../hooks/useActions';
import { Icon } from '../parts/Icon';

export function AddTask({ date, placeName }: { date: string | null; placeName: string }) {
  const actions = useActions();
  const [title, setTitle] = useState('');

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const text = title.trim();
    if (text === '') return;
    actions.addTask({ title: text, scheduledDate: date });
    setTitle('');
  };

  return (
    <form className="add-task" onSubmit={submit}>
      <Icon name="plus" size={16} />
      <input
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
        maxLength={LONGEST_TITLE}
        placeholder="Add a task"
        aria-label={`Add a task to ${placeName}`}
        data-add-task={date ?? 'backlog'}
        enterKeyHint="done"
      />
    </form>
  );
}
