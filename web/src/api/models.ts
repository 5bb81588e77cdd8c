/** The rows of the REST API, as they come over the wire. */

export const PRIORITIES = ['P0', 'P1', 'P2', 'P3'] as const;
export type Priority = (typeof PRIORITIES)[number];
export const PRIORITY_NAMES: Readonly<Record<Priority, string>> = { P0: 'Urgent', P1: 'High', P2: 'Normal', P3: 'Low' };

/** Of tasks and subtasks. */
export const LONGEST_TITLE = 500;
export const LONGEST_BLOCK_TITLE = 255;

export const SCOPES = [
  'tasks:read',
  'tasks:write',
  'time-blocks:read',
  'time-blocks:write',
  'user:read',
  'user:write',
] as const;
export type Scope = (typeof SCOPES)[number];

export interface Subtask {
  id: string;
  taskId: string;
  title: string;
  completed: boolean;
  position: number;
  createdAt: string;
  updatedAt: string;
}

export interface Task {
  id: string;
  userId: string;
  title: string;
  notes: string | null;
  /** A day; null is the backlog. */
  scheduledDate: string | null;
  estimatedMins: number | null;
  actualMins: number;
  priority: Priority;
  completedAt: string | null;
  position: number;
  subtasksHidden: boolean;
  version: number;
  createdAt: string;
  updatedAt: string;
  subtasks?: Subtask[];
}

export type TaskFields = Pick<Task, 'title' | 'notes' | 'scheduledDate' | 'estimatedMins' | 'priority'>;
export type NewTask = Pick<TaskFields, 'title'> & Partial<TaskFields>;
export type TaskChanges = Partial<TaskFields & Pick<Task, 'completedAt' | 'actualMins' | 'position'>>;
export type SubtaskChanges = Partial<Pick<Subtask, 'title' | 'completed'>>;

export interface TimeBlock {
  id: string;
  userId: string;
  taskId: string | null;
  title: string;
  description: string | null;
  date: string;
  /** `HH:MM`. */
  startTime: string;
  /** `HH:MM`; `24:00` is midnight at the day's end. */
  endTime: string;
  durationMins: number;
  color: string;
  position: number;
  version: number;
  createdAt: string;
  updatedAt: string;
  task?: Task | null;
}

export type NewTimeBlock = Pick<TimeBlock, 'title' | 'date' | 'startTime' | 'endTime'> &
  Partial<Pick<TimeBlock, 'taskId' | 'color'>>;
export type TimeBlockChanges = Partial<
  Pick<TimeBlock, 'title' | 'description' | 'date' | 'startTime' | 'endTime' | 'taskId' | 'color'>
>;

export interface Preferences {
  themeMode: 'light' | 'dark' | 'system';
  colorTheme: string;
  fontFamily: string;
  workStartHour?: number;
  workEndHour?: number;
}

export interface User {
  id: string;
  email: string;
  name: string | null;
  avatarUrl: string | null;
  timezone: string;
  preferences: Preferences | null;
  createdAt: string;
  updatedAt: string;
}

export type UserChanges = Partial<Pick<User, 'name' | 'avatarUrl' | 'timezone'>> & {
  preferences?: Partial<Preferences>;
};

export interface ApiKey {
  id: string;
  name: string;
  keyPrefix: string;
  scopes: Scope[];
  lastUsedAt: string | null;
  expiresAt: string | null;
  isActive: boolean;
  createdAt: string;
  updatedAt: string;
}

export interface LoginSession {
  id: string;
  name: string | null;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
  /** The one that asks. */
  current: boolean;
}
