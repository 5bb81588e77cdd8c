/** Rows as the server would make them. */

import type { Subtask, Task, TimeBlock, User } from '../api/models';
import { minutesOf } from '../sync/dates';

const NOW = '2026-11-23T12:00:00.000Z';

export function fakeTask(fields: Partial<Task> & { id: string }): Task {
  return {
    userId: 'u1',
    title: `Task ${fields.id}`,
    notes: null,
    scheduledDate: null,
    estimatedMins: null,
    actualMins: 0,
    priority: 'P2',
    completedAt: null,
    position: 0,
    subtasksHidden: false,
    version: 1,
    createdAt: NOW,
    updatedAt: NOW,
    subtasks: [],
    ...fields,
  };
}

export function fakeSubtask(fields: Partial<Subtask> & { id: string; taskId: string }): Subtask {
  return { title: `Step ${fields.id}`, completed: false, position: 0, createdAt: NOW, updatedAt: NOW, ...fields };
}

export function fakeBlock(fields: Partial<TimeBlock> & { id: string }): TimeBlock {
  const block = {
    userId: 'u1',
    taskId: null,
    title: `Block ${fields.id}`,
    description: null,
    date: '2026-11-23',
    startTime: '09:00',
    endTime: '09:30',
    color: '#3B82F6',
    position: 0,
    version: 1,
    createdAt: NOW,
    updatedAt: NOW,
    task: null,
    ...fields,
  };
  return { ...block, durationMins: minutesOf(block.endTime) - minutesOf(block.startTime) };
}

export function fakeUser(fields: Partial<User> = {}): User {
  return {
    id: 'u1',
    email: 'ada@example.com',
    name: 'Ada Lovelace',
    avatarUrl: null,
    timezone: 'UTC',
    preferences: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...fields,
  };
}
