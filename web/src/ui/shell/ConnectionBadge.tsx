/** How the line to the server is, in a few words, always in sight. */

import { useEffect, useState } from 'react';

import { useOutage } from '../../hooks/useOutage';
import { usePending } from '../../hooks/usePending';
import { useWebSocket } from '../../hooks/useWebSocket';
import type { ConnectionState } from '../../realtime/connection-state';

const SECOND_MS = 1_000;

export function ConnectionBadge() {
  const { state, retryNow } = useWebSocket();
  const { count, isStuck } = usePending();
  const outage = useOutage();
  return (
    <div className="connection" data-state={state.kind} role="status">
      <span className="connection-dot" />
      <span className="connection-words">
        <Words state={state} />
        {outage && <small title={outage.message}>Not up to date</small>}
        {isStuck && <small>{count === 1 ? '1 change not saved yet' : `${count} changes not saved yet`}</small>}
      </span>
      {(state.kind === 'offline' || state.kind === 'waiting') && (
        <button type="button" className="link" onClick={retryNow}>
          Retry now
        </button>
      )}
    </div>
  );
}

function Words({ state }: { state: ConnectionState }) {
  switch (state.kind) {
    case 'live':
      return 'Live';
    case 'connecting':
      return 'Connecting…';
    case 'offline':
      return <span title={state.cause}>Offline</span>;
    case 'waiting':
      return <Countdown untilMs={state.untilMs} cause={state.cause} />;
    case 'signed out':
      return 'Signed out';
  }
}

function Countdown({ untilMs, cause }: { untilMs: number; cause: string }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(1, Math.ceil((untilMs - nowMs) / SECOND_MS));
  // A countdown read out every second would drown everything else.
  return (
    <span title={cause}>
      Reconnecting <span aria-hidden="true">in {seconds} s</span>
    </span>
  );
}
