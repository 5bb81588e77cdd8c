import { beforeEach, describe, expect, it } from 'vitest';

import type { DataEvent } from './frames';
import { PositionTracker } from './position';

const event = (id?: number, epoch = 'e1'): DataEvent => ({
  type: 'task:created',
  payload: { taskId: 't1', scheduledDate: null, version: 1 },
  timestamp: '',
  ...(id === undefined ? {} : { id, epoch }),
});

describe('PositionTracker', () => {
  let position: PositionTracker;

  beforeEach(() => {
    position = new PositionTracker();
    position.startAt({ epoch: 'e1', lastEventId: 41 });
  });

  it('moves by each next event', () => {
    expect([position.received(event(42)), position.received(event(43))]).toEqual(['next', 'next']);
    expect(position.current?.lastEventId).toBe(43);
  });

  it('stays at a repeat', () => {
    expect(position.received(event(41))).toBe('repeat');
    expect(position.current?.lastEventId).toBe(41);
  });

  it('tells of a hole and goes on behind it', () => {
    expect(position.received(event(44))).toBe('missed');
    expect(position.received(event(45))).toBe('next');
  });

  it('does not move by an event without a number', () => {
    expect(position.received(event())).toBe('next');
    expect(position.current?.lastEventId).toBe(41);
  });

  it('keeps its place when the server resumes from it', () => {
    const payload = { userId: 'u', connectionId: 'c', epoch: 'e1', lastEventId: 41, recovered: true };
    expect(position.connected(payload)).toBe(true);
    expect(position.current).toEqual({ epoch: 'e1', lastEventId: 41 });
  });

  it('starts anew where the server says when it cannot resume', () => {
    const payload = { userId: 'u', connectionId: 'c', epoch: 'e2', lastEventId: 7, recovered: false };
    expect(position.connected(payload)).toBe(false);
    expect(position.current).toEqual({ epoch: 'e2', lastEventId: 7 });
  });

  it('is level with a pong of the same place and behind one that is further', () => {
    expect(position.ponged({ epoch: 'e1', lastEventId: 41 })).toBe('repeat');
    expect(position.ponged({ epoch: 'e1', lastEventId: 44 })).toBe('missed');
    expect(position.current?.lastEventId).toBe(44);
  });

  it('never moves back by a pong of the same log', () => {
    expect(position.ponged({ epoch: 'e1', lastEventId: 40 })).toBe('repeat');
    expect(position.current?.lastEventId).toBe(41);
  });

  it('takes over the place in another log', () => {
    expect(position.received(event(3, 'e2'))).toBe('missed');
    expect(position.current).toEqual({ epoch: 'e2', lastEventId: 3 });
  });
});
