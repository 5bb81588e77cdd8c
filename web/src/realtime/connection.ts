/**
 * The live line to the server: opens it, keeps it alive, comes back after every loss and resumes where it stopped.
 * What the events mean is left to its listeners; who is signed in, to the Session.
 */

import { RECONNECT, delayMs, isSlow } from './backoff';
import type { Cancel, Clock } from './clock';
import { CONNECTION_LOST, CREDENTIAL_REFUSED, WAITS, closing } from './close-codes';
import type { Closing } from './close-codes';
import type { ConnectionState } from './connection-state';
import { SIGNED_OUT } from './connection-state';
import { Emitter } from './emitter';
import type { ConnectedPayload } from './event-types';
import { encodeFrame, isDataEvent, parseFrame } from './frames';
import type { DataEvent, ServerFrame } from './frames';
import { Liveness } from './liveness';
import type { OnlineSource, Unsubscribe } from './online';
import { PositionTracker } from './position';
import type { Position, Step } from './position';
import type { Session } from './session';
import type { OpenSocket, Socket, SocketClose } from './socket';
import type { VisibilitySource } from './visibility';

export const PROTOCOL = 'realtime.v1';

/** From opening the socket to the `connected` frame; the server allows the handshake as long. */
const HANDSHAKE_MS = 10_000;
/** A connection that lived so long was a good one: the next loss starts the backoff afresh. */
const STABLE_MS = 5_000;

export interface ConnectionOptions {
  url: string;
  session: Session;
  openSocket: OpenSocket;
  clock: Clock;
  online: OnlineSource;
  visibility: VisibilitySource;
  random: () => number;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #states = new Emitter<ConnectionState>();
  readonly #events = new Emitter<DataEvent>();
  readonly #stale = new Emitter<string>();
  readonly #position = new PositionTracker();
  readonly #liveness: Liveness;
  #state: ConnectionState = SIGNED_OUT;
  #socket: Socket | null = null;
  /** Counts sockets: what an old one still has to say is recognised by its number and ignored. */
  #generation = 0;
  #attempt = 0;
  #liveSinceMs = 0;
  #token: string | null = null;
  #isRenewing = false;
  #mayBeWoken = true;
  #timer: Cancel | null = null;
  #unsubscribe: Unsubscribe[] = [];

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#liveness = new Liveness(
      options.clock,
      () => this.#socket?.send(encodeFrame({ type: 'ping' })),
      () => this.#lost(CONNECTION_LOST),
    );
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get position(): Position | null {
    return this.#position.current;
  }

  onState(listener: (state: ConnectionState) => void): Unsubscribe {
    return this.#states.subscribe(listener);
  }

  /** Every event once, in the order of the log. */
  onEvent(listener: (event: DataEvent) => void): Unsubscribe {
    return this.#events.subscribe(listener);
  }

  /** Everything that was fetched may be out of date; told once per cause. */
  onStale(listener: (reason: string) => void): Unsubscribe {
    return this.#stale.subscribe(listener);
  }

  /** Goes live, following the log from `position` (what was fetched before is as new as that) or from its head. */
  start(position: Position | null = null): void {
    if (this.#unsubscribe.length > 0) return;
    const { session, online, visibility } = this.#options;
    this.#position.startAt(position);
    this.#unsubscribe = [
      session.subscribe((change) => (change === 'renewed' ? this.#renewed() : this.#replaced())),
      online.subscribe(() => this.#networkChanged()),
      visibility.subscribe(() => this.#wake()),
    ];
    this.#connect();
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#hangUp();
    this.#position.startAt(null);
    this.#enter(SIGNED_OUT);
  }

  retryNow(): void {
    if (this.#state.kind === 'waiting' || this.#state.kind === 'offline') this.#connect();
  }

  #connect(): void {
    this.#hangUp();
    const token = this.#options.session.token;
    if (token === null) return this.#enter(SIGNED_OUT);
    const generation = this.#generation;
    this.#token = token;
    this.#enter({ kind: 'connecting' });
    this.#socket = this.#options.openSocket(this.#address(), [PROTOCOL, `bearer.${token}`], {
      message: (data) => {
        if (generation === this.#generation) this.#received(data);
      },
      closed: (close) => {
        if (generation === this.#generation) this.#closed(close);
      },
    });
    this.#timer = this.#options.clock.after(HANDSHAKE_MS, () => this.#lost(CONNECTION_LOST));
  }

  #address(): string {
    const position = this.#position.current;
    if (!position) return this.#options.url;
    const query = new URLSearchParams({ since: String(position.lastEventId), epoch: position.epoch });
    return `${this.#options.url}?${query}`;
  }

  #received(data: unknown): void {
    this.#liveness.heard();
    const frame = typeof data === 'string' ? parseFrame(data) : null;
    if (!frame) return;
    if (isDataEvent(frame)) this.#deliver(frame);
    else this.#obey(frame);
  }

  #deliver(event: DataEvent): void {
    const step = this.#position.received(event);
    if (step !== 'repeat') this.#events.emit(event);
    this.#tellIfMissed(step);
  }

  #obey(frame: Exclude<ServerFrame, DataEvent>): void {
    switch (frame.type) {
      case 'connected':
        return this.#accepted(frame.payload);
      case 'resync':
        this.#position.resynced(frame.payload);
        return this.#stale.emit(frame.payload.reason);
      case 'pong':
        return this.#tellIfMissed(this.#position.ponged(frame.payload));
      case 'auth:ok':
        this.#isRenewing = false;
        return;
      case 'error':
        // The token was refused on the open line: a new line says whether it is any good.
        if (this.#isRenewing) this.#connect();
    }
  }

  #accepted(payload: ConnectedPayload): void {
    this.#timer?.();
    this.#timer = null;
    this.#liveSinceMs = this.#options.clock.now();
    const isResumed = this.#position.connected(payload);
    this.#enter({ kind: 'live', connectionId: payload.connectionId });
    if (!isResumed) this.#stale.emit('not recovered');
    if (this.#options.session.token !== this.#token) this.#renewed();
  }

  #tellIfMissed(step: Step): void {
    if (step === 'missed') this.#stale.emit('missed events');
  }

  #closed(close: SocketClose): void {
    const token = this.#token;
    if (close.code === CREDENTIAL_REFUSED && token !== null && token === this.#options.session.token) {
      this.#options.session.refused(token);
      return this.#enter({ kind: 'signed out', reason: close.reason || closing(close.code).sentence });
    }
    // Another tab renewed the token that was refused here: the new one gets its try.
    this.#lost(close.code === CREDENTIAL_REFUSED ? CONNECTION_LOST : closing(close.code));
  }

  #lost(cause: Closing): void {
    const { clock } = this.#options;
    if (this.#state.kind === 'live' && clock.now() - this.#liveSinceMs >= STABLE_MS) this.#attempt = 0;
    this.#hangUp();
    const waitMs = this.#waitMs(cause);
    this.#attempt += 1;
    this.#mayBeWoken = cause.reconnect === 'backing off' || cause.reconnect === 'at once';
    this.#timer = clock.after(waitMs, () => this.#connect());
    this.#enter({ kind: this.#looksOffline() ? 'offline' : 'waiting', untilMs: clock.now() + waitMs, cause: cause.sentence });
  }

  #waitMs(cause: Closing): number {
    const { random } = this.#options;
    const { reconnect } = cause;
    const isFirst = this.#attempt === 0;
    if (reconnect === 'after a wait' || reconnect === 'after a long wait' || (reconnect === 'at once' && isFirst)) {
      const wait = WAITS[reconnect];
      return wait.leastMs + random() * wait.jitterMs;
    }
    return delayMs(RECONNECT, this.#attempt, random);
  }

  #looksOffline(): boolean {
    return isSlow(RECONNECT, this.#attempt) || !this.#options.online.isOnline();
  }

  #networkChanged(): void {
    const isOnline = this.#options.online.isOnline();
    if (isOnline) this.#attempt = 0;
    if (isOnline || this.#state.kind === 'live') return this.#wake();
    if (this.#state.kind === 'waiting') this.#enter({ ...this.#state, kind: 'offline' });
  }

  #wake(): void {
    if (this.#state.kind === 'live') this.#liveness.probe();
    else if (this.#mayBeWoken) this.retryNow();
  }

  /** The same user's new token: told over the open line, which goes on. */
  #renewed(): void {
    if (this.#state.kind !== 'live') return;
    const token = this.#options.session.token;
    if (token === null) return;
    this.#token = token;
    this.#isRenewing = true;
    this.#socket?.send(encodeFrame({ type: 'auth', payload: { token } }));
  }

  /** Nobody, or somebody else: nothing of the old line may be left. */
  #replaced(): void {
    this.#attempt = 0;
    this.#position.startAt(null);
    this.#connect();
  }

  /** From here on nothing of the current socket is heard. */
  #hangUp(): void {
    this.#generation += 1;
    this.#timer?.();
    this.#timer = null;
    this.#liveness.stop();
    this.#isRenewing = false;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #enter(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#states.emit(state);
  }
}
