/** Starts the app in a browser: brings the real outside world. */

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { newId } from './new-id';
import { createPlanner } from './planner';
import { systemClock } from './realtime/clock';
import { browserOnline } from './realtime/online';
import { browserSharedValue } from './realtime/shared-value';
import { browserSocket } from './realtime/socket';
import { browserVisibility } from './realtime/visibility';
import { browserFrames } from './sync/frame';
import { App } from './ui/App';
import { Router } from './ui/router';
import './ui/styles/index.css';

/** Longer than the server ever takes; then the line is taken for dead. */
const REQUEST_TIMEOUT_MS = 15_000;

function start(root: Element): void {
  const planner = createPlanner({
    fetch: (input, init) => window.fetch(input, init),
    openSocket: browserSocket(),
    origin: window.location.origin,
    clock: systemClock(),
    online: browserOnline(window),
    visibility: browserVisibility(window),
    frames: browserFrames(window),
    token: browserSharedValue(window, 'planner.token'),
    random: Math.random,
    newId,
    timeoutSignal: () => AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  createRoot(root).render(
    <StrictMode>
      <App planner={planner} router={new Router(window)} />
    </StrictMode>,
  );
}

const root = document.getElementById('root');
if (root) start(root);
