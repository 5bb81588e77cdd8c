/** The title under edit: one line that wraps. */

import type { Task } from '../../api/models';
import { useDraft } from '../../hooks/useDraft';
import { useLeaveWarning } from '../../hooks/usePending';
import { ClashChoice } from './ClashChoice';
import { GrowingText } from './GrowingText';
import { SaveState } from './SaveState';

const LONGEST_TITLE = 500;

export function TitleField({ task, saved }: { task: Task; saved: Task }) {
  const draft = useDraft(saved, task, 'title');
  useLeaveWarning(draft.isDirty);
  return (
    <div className="title-field">
      <GrowingText
        className="title-input"
        aria-label="Title"
        value={draft.text}
        maxLength={LONGEST_TITLE}
        onChange={(event) => draft.change(event.target.value.replaceAll('\n', ' '))}
        onBlur={draft.flush}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          draft.flush();
        }}
      />
      {draft.text.trim() === '' && <p className="field-error">A task needs a title.</p>}
      <SaveState taskId={task.id} isDirty={draft.isDirty} isAsking={draft.theirs !== null} />
      {draft.theirs !== null && <ClashChoice what="title" draft={draft} />}
    </div>
  );
}
