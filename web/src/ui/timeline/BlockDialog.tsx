/** A time block to edit. */

import { useState } from 'react';
import type { SyntheticEvent } from 'react';

import { LONGEST_BLOCK_TITLE } from '../../api/models';
import type { TimeBlock } from '../../api/models';
import { usePlanner } from '../../hooks/planner-context';
import { useActions } from '../../hooks/useActions';
import { minutesOf } from '../../sync/dates';
import { Button } from '../parts/Button';
import { Dialog } from '../parts/Dialog';
import { TextField } from '../parts/Field';
import { formText } from '../parts/form-text';
import { useRouter } from '../router-context';

const COLORS: readonly (readonly [string, string])[] = [
  ['#3B82F6', 'Blue'],
  ['#0F9D8A', 'Teal'],
  ['#65A30D', 'Green'],
  ['#D97706', 'Amber'],
  ['#DC2626', 'Red'],
  ['#9333EA', 'Violet'],
];

/** `block` is how it was when the dialog opened. */
export function BlockDialog({ block, onClose }: { block: TimeBlock; onClose: () => void }) {
  const actions = useActions();
  const router = useRouter();
  const { blockStore } = usePlanner();
  const [error, setError] = useState<string | undefined>();
  const [color, setColor] = useState(block.color.toUpperCase());

  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => formText(data, name);
    const endTime = text('endTime') === '00:00' ? '24:00' : text('endTime');
    if (minutesOf(endTime) <= minutesOf(text('startTime'))) return setError('The end comes after the start.');
    const fields = { title: text('title').trim(), date: text('date'), startTime: text('startTime'), endTime, color };
    // What was left alone here may have been changed elsewhere.
    const before = { ...block, color: block.color.toUpperCase() };
    const changes = Object.fromEntries(Object.entries(fields).filter(([name, value]) => before[name as keyof TimeBlock] !== value));
    if (Object.keys(changes).length > 0) actions.changeBlock(blockStore.find(block.id) ?? block, changes);
    onClose();
  };
  return (
    <Dialog title="Time block" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <TextField label="Title" name="title" defaultValue={block.title} required maxLength={LONGEST_BLOCK_TITLE} />
        <TextField label="Day" name="date" type="date" defaultValue={block.date} required />
        <div className="form-pair">
          <TextField label="From" name="startTime" type="time" defaultValue={block.startTime} required />
          <TextField label="To" name="endTime" type="time" defaultValue={block.endTime === '24:00' ? '00:00' : block.endTime} required error={error} />
        </div>
        <fieldset className="swatches">
          <legend>Colour</legend>
          {COLORS.map(([value, name]) => (
            <label key={value} className="swatch" style={{ ['--block-color' as string]: value }}>
              <input type="radio" name="color" aria-label={name} checked={color === value} onChange={() => setColor(value)} />
            </label>
          ))}
        </fieldset>
        <div className="button-row">
          <Button kind="primary" type="submit">
            Save
          </Button>
          {block.taskId !== null && (
            <Button
              onClick={() => {
                onClose();
                router.openTask(block.taskId ?? '');
              }}
            >
              Open task
            </Button>
          )}
          <span className="spacer" />
          <Button
            kind="danger"
            icon="trash"
            onClick={() => {
              actions.deleteBlock(block);
              onClose();
            }}
          >
            Delete
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
