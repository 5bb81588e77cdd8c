/** The same text was changed here and elsewhere: both are shown, the person chooses. */

import type { EditedText } from '../../hooks/useDraft';
import { Button } from '../parts/Button';

export function ClashChoice({ what, draft }: { what: string; draft: EditedText }) {
  return (
    <div className="clash" role="alert">
      <p className="clash-title">The {what} changed elsewhere while you were editing it.</p>
      <div className="clash-versions">
        <figure>
          <figcaption>Yours, not saved</figcaption>
          <blockquote>{draft.text || '(empty)'}</blockquote>
        </figure>
        <figure>
          <figcaption>The other one, saved</figcaption>
          <blockquote>{draft.theirs === '' ? '(empty)' : draft.theirs}</blockquote>
        </figure>
      </div>
      <div className="button-row">
        <Button kind="primary" onClick={draft.keepMine}>
          Keep mine
        </Button>
        <Button onClick={draft.takeTheirs}>Use the other</Button>
      </div>
    </div>
  );
}
