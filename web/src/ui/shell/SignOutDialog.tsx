/** Asks whoever signs out before what is not saved is given up. */

import { useSyncExternalStore } from 'react';

import { usePlanner } from '../../hooks/planner-context';
import { Button } from '../parts/Button';
import { Dialog } from '../parts/Dialog';

export function SignOutDialog() {
  const { signOut } = usePlanner();
  const step = useSyncExternalStore(signOut.subscribe, () => signOut.step);
  if (step !== 'asking') return null;
  return (
    <Dialog title="Some changes are not saved yet" onClose={() => signOut.stay()}>
      <p>They are lost if you sign out.</p>
      <div className="button-row">
        <Button kind="danger" onClick={() => void signOut.goOn().catch(() => undefined)}>
          Sign out and lose them
        </Button>
        <Button onClick={() => signOut.stay()}>Stay</Button>
      </div>
    </Dialog>
  );
}
