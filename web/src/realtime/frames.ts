/** The frames of the wire: text in, typed values out. What does not conform is null, never a half-read frame. */

import { EVENT_TYPES, FRAME_PAYLOAD_NAMES, FRAME_TYPES, PAYLOAD_NAMES, SCHEMAS } from './event-types';
import type { Actor, ClientFrameType, EventPayloads, EventType, FramePayloads, FrameType } from './event-types';
import { conforms, isRecord } from './schema';
import type { Schema } from './schema';

export interface EventOf<T extends EventType> {
  type: T;
  payload: EventPayloads[T];
  timestamp: string;
  /** Absent on an event that another program published without a place in the log. */
  id?: number;
  epoch?: string;
  actor?: Actor;
  origin?: string;
}

/** One of the nine data events; `type` tells the payload. */
export type DataEvent = { [T in EventType]: EventOf<T> }[EventType];

/** One of the frames about the connection itself; `type` tells the payload. */
export type ControlFrame = { [T in FrameType]: { type: T; payload: FramePayloads[T] } }[FrameType];

export type ServerFrame = DataEvent | ControlFrame;

export type ClientFrame =
  | { type: Extract<ClientFrameType, 'ping'> }
  | { type: Extract<ClientFrameType, 'auth'>; payload: { token: string } };

const ALL_PAYLOAD_NAMES: Record<ServerFrame['type'], string> = { ...PAYLOAD_NAMES, ...FRAME_PAYLOAD_NAMES };

const ENVELOPE: Schema = {
  type: 'object',
  required: ['type', 'payload', 'timestamp'],
  properties: {
    type: { enum: [...EVENT_TYPES, ...FRAME_TYPES] },
    payload: { type: 'object' },
    timestamp: { type: 'string' },
    id: { type: 'integer' },
    epoch: { type: 'string' },
    origin: { type: 'string' },
  },
};

export function parseFrame(text: string): ServerFrame | null {
  const value = parseJson(text);
  if (!isRecord(value) || !conforms(value, ENVELOPE, SCHEMAS)) return null;
  return conforms(value.payload, payloadSchema(value.type as ServerFrame['type']), SCHEMAS)
    ? (value as unknown as ServerFrame)
    : null;
}

export function isDataEvent(frame: ServerFrame): frame is DataEvent {
  return frame.type in PAYLOAD_NAMES;
}

export function encodeFrame(frame: ClientFrame): string {
  return JSON.stringify(frame);
}

function payloadSchema(type: ServerFrame['type']): Schema {
  return { $ref: `#/$defs/${ALL_PAYLOAD_NAMES[type]}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
