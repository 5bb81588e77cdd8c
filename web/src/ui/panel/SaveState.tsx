/** Whether what was typed is saved. */

import type { EditedText } from '../../hooks/useDraft';
import { useIsUnsaved } from '../../hooks/usePending';

export function SaveState({ taskId, draft }: { taskId: string; draft: EditedText }) {
  const isStuck = useIsUnsaved(taskId);
  if (draft.theirs !== null) return null;
  if (draft.isRefused) return <Refused retry={draft.retry} />;
  return (
    <p className={`save-state ${isStuck ? 'save-state-stuck' : ''}`} role="status">
      {isStuck ? 'Not saved yet – it will be when the connection is back' : draft.isDirty ? 'Saving…' : ''}
    </p>
  );
}

function Refused({ retry }: { retry: () => void }) {
  return (
    <p className="save-state save-state-stuck" role="status">
      Not saved{' '}
      <button type="button" className="link" onClick={retry}>
        Try again
      </button>
    </p>
  );
}
