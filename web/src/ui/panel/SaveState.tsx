/** Whether what was typed is saved. */

import { useIsUnsaved } from '../../hooks/usePending';

export function SaveState({ taskId, isDirty, isAsking }: { taskId: string; isDirty: boolean; isAsking: boolean }) {
  const isStuck = useIsUnsaved(taskId);
  if (isAsking) return null;
  return (
    <p className={`save-state ${isStuck ? 'save-state-stuck' : ''}`} role="status">
      {isStuck ? 'Not saved yet – it will be when the connection is back' : isDirty ? 'Saving…' : ''}
    </p>
  );
}
