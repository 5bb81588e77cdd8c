import { describe, expect, it } from 'vitest';

import examples from '../../../tests/examples/events.json';
import { EVENT_TYPES } from './event-types';
import { isDataEvent, parseFrame } from './frames';

const created = {
  type: 'task:created',
  payload: { taskId: 't1', scheduledDate: null, version: 1 },
  timestamp: '2026-11-23T12:00:00.000Z',
};

const parse = (value: unknown) => parseFrame(JSON.stringify(value));

describe('parseFrame', () => {
  it.each(examples.map((example) => [example.name, example.event]))('reads the example: %s', (_, event) => {
    expect(parse(event)).toEqual(event);
  });

  it('has an example of every event type', () => {
    expect(new Set(examples.map((example) => example.event.type))).toEqual(new Set(EVENT_TYPES));
  });

  it('reads an event that another program published without a number', () => {
    const frame = parse(created);
    expect(frame && isDataEvent(frame)).toBe(true);
  });

  it('ignores fields that a later server adds', () => {
    expect(parse({ ...created, payload: { ...created.payload, colour: 'red' }, extra: 1 })).not.toBeNull();
  });

  it.each([
    ['text that is not JSON', '{'],
    ['a list', '[]'],
    ['an unknown type', JSON.stringify({ ...created, type: 'task:exploded' })],
    ['a payload that is not an object', JSON.stringify({ ...created, payload: 'x' })],
    ['a payload without its task', JSON.stringify({ ...created, payload: { scheduledDate: null, version: 1 } })],
    ['a wrong type in the payload', JSON.stringify({ ...created, payload: { ...created.payload, version: '1' } })],
    ['a number that is not whole', JSON.stringify({ ...created, id: 1.5 })],
  ])('refuses %s', (_, text) => {
    expect(parseFrame(text)).toBeNull();
  });
});
