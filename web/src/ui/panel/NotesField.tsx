/** The notes under edit, as plain text. Markup that another client stored stays until the person lets it go. */

import { useState } from 'react';

import type { Task } from '../../api/models';
import { useDraft } from '../../hooks/useDraft';
import { hasMarkup, textOfMarkup } from '../../sync/plain-text';
import { Button } from '../parts/Button';
import { ClashChoice } from './ClashChoice';
import { GrowingText } from './GrowingText';
import { SaveState } from './SaveState';

const LONGEST_NOTES = 20_000;

export function NotesField({ saved }: { saved: Task }) {
  const draft = useDraft(saved, 'notes');
  // What is typed here is plain text, whatever it looks like.
  const [isPlain, setPlain] = useState(draft.isDirty);
  const edit = (text: string) => {
    setPlain(true);
    draft.change(text);
  };
  return (
    <section className="notes-field" aria-label="Notes">
      <h3 className="panel-label">Notes</h3>
      {!isPlain && hasMarkup(draft.text) ? (
        <FormattedNotes markup={draft.text} edit={edit} />
      ) : (
        <GrowingText
          className="notes-input"
          aria-label="Notes"
          placeholder="Add details, links, anything to remember"
          value={draft.text}
          maxLength={LONGEST_NOTES}
          onChange={(event) => edit(event.target.value)}
          onBlur={draft.flush}
        />
      )}
      <SaveState taskId={saved.id} draft={draft} />
      {draft.theirs !== null && <ClashChoice what="notes" draft={draft} />}
    </section>
  );
}

function FormattedNotes({ markup, edit }: { markup: string; edit: (text: string) => void }) {
  const text = textOfMarkup(markup);
  return (
    <>
      <p className="notes-text">{text}</p>
      <div className="callout">
        <p>These notes have formatting from another app. As plain text they lose it.</p>
        <div className="button-row">
          <Button onClick={() => edit(text)}>Edit as plain text</Button>
          <Button kind="quiet" onClick={() => edit(markup)}>
            Edit as it is
          </Button>
        </div>
      </div>
    </>
  );
}
