/** The frames of the wire: text in, typed values out. What does not conform is null, never a half-read frame. */

import { EVENT_TYPES, FRAME_TYPES, PAYLOAD_NAMES, SCHEMAS } from './event-types';
import type { Actor, ClientFrameType, EventPayloads, EventType } from './event-types';
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

export interface ConnectedPayload {
  userId: string;
  connectionId: string;
  epoch: string;
  lastEventId: number;
  recovered: boolean;
}

export interface ResyncPayload {
  reason: string;
  epoch: string;
  lastEventId: number;
}

export interface PongPayload {
  epoch: string;
  lastEventId: number;
}

export interface ErrorPayload {
  code: string;
  message: string;
}

export type ControlFrame =
  | { type: 'connected'; payload: ConnectedPayload }
  | { type: 'resync'; payload: ResyncPayload }
  | { type: 'pong'; payload: PongPayload }
  | { type: 'auth:ok'; payload: Record<string, unknown> }
  | { type: 'error'; payload: ErrorPayload };

export type ServerFrame = DataEvent | ControlFrame;

export type ClientFrame =
  | { type: Extract<ClientFrameType, 'ping'> }
  | { type: Extract<ClientFrameType, 'auth'>; payload: { token: string } };

const TEXT: Schema = { type: 'string' };
const WHOLE_NUMBER: Schema = { type: 'integer' };
const POSITION = { epoch: TEXT, lastEventId: WHOLE_NUMBER };

const CONTROL_SCHEMAS: Record<ControlFrame['type'], Schema> = {
  connected: shape({ ...POSITION, userId: TEXT, connectionId: TEXT, recovered: { type: 'boolean' } }),
  resync: shape({ ...POSITION, reason: TEXT }),
  pong: shape(POSITION),
  'auth:ok': shape({}),
  error: shape({ code: TEXT, message: TEXT }),
};

const ENVELOPE: Schema = {
  type: 'object',
  required: ['type', 'payload', 'timestamp'],
  properties: {
    type: { enum: [...EVENT_TYPES, ...FRAME_TYPES] },
    payload: { type: 'object' },
    timestamp: TEXT,
    id: WHOLE_NUMBER,
    epoch: TEXT,
    origin: TEXT,
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
  if (type in CONTROL_SCHEMAS) return CONTROL_SCHEMAS[type as ControlFrame['type']];
  return { $ref: `#/$defs/${PAYLOAD_NAMES[type as EventType]}` };
}

function shape(properties: Record<string, Schema>): Schema {
  return { type: 'object', required: Object.keys(properties), properties };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
