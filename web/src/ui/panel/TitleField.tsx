/** The title under edit: one line that wraps. */

import { LONGEST_TITLE } from '../../api/models';
import type { Task } from '../../api/models';
import { useDraft } from '../../hooks/useDraft';
import { ClashChoice } from './ClashChoice';
import { GrowingText } from './GrowingText';
import { SaveState } from './SaveState';

export function TitleField({ saved }: { saved: Task }) {
  const draft = useDraft(saved, 'title');
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
      {draft.text.trim() === '' ? (
        <p className="field-error">A task needs a title.</p>
      ) : (
        <SaveState taskId={saved.id} draft={draft} />
      )}
      {draft.theirs !== null && <ClashChoice what="title" draft={draft} />}
    </div>
  );
}
