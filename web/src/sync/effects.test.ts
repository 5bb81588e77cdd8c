import { describe, expect, it } from 'vitest';

import { fakeTask } from '../testing/fake-rows';
import { tasksWith } from './effects';
import type { TaskEffect } from './effects';

const monday = { kind: 'day', date: '2026-11-23' } as const;
const tuesday = { kind: 'day', date: '2026-11-24' } as const;
const task = fakeTask({ id: 'a', scheduledDate: '2026-11-23' });
const other = fakeTask({ id: 'b', scheduledDate: '2026-11-23', position: 1 });

const moving: TaskEffect = {
  ids: new Set(['a']),
  snapshots: [task],
  change: (row) => ({ ...row, scheduledDate: '2026-11-24' }),
};

const ids = (rows: { id: string }[]) => rows.map((row) => row.id);

describe('tasksWith', () => {
  it('takes a moved task out of its day and into the other', () => {
    expect(ids(tasksWith([moving], [task, other], monday))).toEqual(['b']);
    expect(ids(tasksWith([moving], [], tuesday))).toEqual(['a']);
  });

  it('shows it once when the fetch already brought it', () => {
    expect(ids(tasksWith([moving], [{ ...task, scheduledDate: '2026-11-24' }], tuesday))).toEqual(['a']);
  });

  it('takes out what is being deleted, from a search too', () => {
    const deleting: TaskEffect = { ids: new Set(['a']), snapshots: [], change: () => null };
    expect(ids(tasksWith([deleting], [task, other], { kind: 'search', text: 'x' }))).toEqual(['b']);
  });

  it('applies writes in their order', () => {
    const back: TaskEffect = { ...moving, change: (row) => ({ ...row, scheduledDate: '2026-11-23' }) };
    expect(ids(tasksWith([moving, back], [task, other], monday))).toEqual(['a', 'b']);
    expect(ids(tasksWith([moving, back], [], tuesday))).toEqual([]);
  });
});
