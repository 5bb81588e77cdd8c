import { beforeEach, describe, expect, it } from 'vitest';

import type { Actor } from '../realtime/event-types';
import type { DataEvent } from '../realtime/frames';
import { FakeClock } from '../testing/fake-clock';
import { Activity } from './activity';
import type { Row } from './activity-text';
import type { NewNotice } from './notices';

const CLAUDE: Actor = { kind: 'key', id: 'k', name: 'Claude' };

const updated = (taskId: string, fields: object = {}, actor = CLAUDE): DataEvent => ({
  type: 'task:updated',
  payload: { taskId, scheduledDate: '2026-11-26', version: 2, ...fields },
  timestamp: '',
  actor,
});

const deleted = (taskId: string): DataEvent => ({
  type: 'task:deleted',
  payload: { taskId, scheduledDate: null, version: 3 },
  timestamp: '',
  actor: CLAUDE,
});

const blockMoved = (timeBlockId: string): DataEvent => ({
  type: 'timeblock:updated',
  payload: { timeBlockId, date: '2026-11-26', version: 2, fields: ['startTime'] },
  timestamp: '',
  actor: CLAUDE,
});

const SIX = ['t0', 't1', 't2', 't3', 't4', 't5'];

describe('Activity', () => {
  let clock: FakeClock;
  let shown: (NewNotice & { replacing?: number })[];
  let restored: Row[];
  let activity: Activity;

  beforeEach(() => {
    clock = new FakeClock();
    [shown, restored] = [[], []];
    activity = new Activity({
      clock,
      today: () => '2026-11-23',
      titleOf: (id) => (id === 't1' ? 'Shop' : null),
      show: (notice, replacing) => {
        shown.push({ ...notice, replacing });
        return 7;
      },
      restore: (row) => restored.push(row),
    });
  });

  it.each([
    [updated('t1', { previousScheduledDate: '2026-11-23' }), 'Claude moved it to Thursday'],
    [updated('t1', { scheduledDate: '2026-11-24', previousScheduledDate: null }), 'Claude moved it to tomorrow'],
    [updated('t1', { scheduledDate: null, previousScheduledDate: '2026-11-23' }), 'Claude moved it to the backlog'],
    [updated('t1', { fields: ['title'] }), 'Claude renamed it'],
    [updated('t1', { fields: ['completedAt'] }), 'Claude reopened it'],
    [updated('t1', {}, { kind: 'session', id: 's', name: 'Firefox' }), 'You (Firefox) changed it'],
    [updated('t1', {}, { kind: 'system', id: null, name: null }), 'The planner changed it'],
  ])('says who and what: %#', (event, words) => {
    activity.noticed(event);
    expect(activity.markOf('t1')?.text).toBe(words);
  });

  it('lets a mark fade', () => {
    activity.noticed(updated('t1'));
    clock.advance(5_000);
    expect(activity.markOf('t1')).toBeUndefined();
  });

  it('collapses many changes at once into one notice that lists them', () => {
    for (let n = 0; n < 37; n += 1) activity.noticed(updated(`t${n}`));
    expect(shown.at(-1)).toMatchObject({ text: 'Claude changed 37 tasks', replacing: 7 });
    shown.at(-1)?.action?.run();
    expect(activity.listed?.rows.length).toBe(37);
  });

  it('counts anew after a pause', () => {
    for (let n = 0; n < 5; n += 1) activity.noticed(updated(`t${n}`));
    clock.advance(2_000);
    activity.noticed(updated('t9'));
    expect(shown).toEqual([]);
  });

  it('offers to undo what an agent deleted', () => {
    activity.noticed(deleted('t1'));
    expect(shown[0]?.text).toBe('Claude deleted “Shop”');
    shown[0]?.action?.run();
    expect(restored).toEqual([{ kind: 'task', id: 't1' }]);
  });

  it('counts tasks and time blocks each by their name', () => {
    for (const id of SIX) activity.noticed(blockMoved(id));
    expect(shown.at(-1)?.text).toBe('Claude changed 6 time blocks');
    activity.noticed(updated('t9'));
    expect(shown.at(-1)?.text).toBe('Claude changed 1 task and 6 time blocks');
  });

  it('offers to undo many deletions at once', () => {
    for (const id of SIX) activity.noticed(deleted(id));
    expect(shown.at(-1)?.text).toBe('Claude deleted 6 tasks');
    shown.at(-1)?.action?.run();
    expect(restored.map((row) => row.id)).toEqual(SIX);
  });

  it('lists what was deleted among many changes, unless it came back', () => {
    for (const id of SIX) activity.noticed(updated(id));
    for (const id of ['t1', 't2']) activity.noticed(deleted(id));
    activity.noticed(updated('t1'));
    shown.at(-1)?.action?.run();
    expect(activity.listed?.deleted.map((row) => row.id)).toEqual(['t2']);
  });
});
