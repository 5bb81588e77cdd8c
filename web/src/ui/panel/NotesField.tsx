/** The notes under edit, as plain text. Markup that another client stored stays until the person lets it go. */

import { useState } from 'react';

import type { Task } from '../../api/models';
import { useDraft } from '../../hooks/useDraft';
import { useLeaveWarning } from '../../hooks/usePending';
import { hasMarkup, textOfMarkup } from '../../sync/plain-text';
import { Button } from '../parts/Button';
import { ClashChoice } from './ClashChoice';
import { GrowingText } from './GrowingText';
import { SaveState } from './SaveState';

const LONGEST_NOTES = 20_000;

export function NotesField({ task, saved }: { task: Task; saved: Task }) {
  const draft = useDraft(saved, task, 'notes');
  useLeaveWarning(draft.isDirty);
  const [isPlainAgreed, setPlainAgreed] = useState(false);
  const isFormatted = !isPlainAgreed && !draft.isDirty && hasMarkup(draft.text);

  const agree = () => {
    setPlainAgreed(true);
    draft.change(textOfMarkup(draft.text));
  };
  return (
    <section className="notes-field" aria-label="Notes">
      <h3 className="panel-label">Notes</h3>
      {isFormatted ? (
        <>
          <p className="notes-text">{textOfMarkup(draft.text)}</p>
          <div className="callout">
            <p>These notes have formatting from another app. Editing them here keeps their text only.</p>
            <Button onClick={agree}>Edit as plain text</Button>
          </div>
        </>
      ) : (
        <GrowingText
          className="notes-input"
          aria-label="Notes"
          placeholder="Add details, links, anything to remember"
          value={draft.text}
          maxLength={LONGEST_NOTES}
          onChange={(event) => draft.change(event.target.value)}
          onBlur={draft.flush}
        />
      )}
      <SaveState taskId={task.id} isDirty={draft.isDirty} isAsking={draft.theirs !== null} />
      {draft.theirs !== null && <ClashChoice what="notes" draft={draft} />}
    </section>
  );
}
