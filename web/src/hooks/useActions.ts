/** The writes of the app as plain calls: a refusal becomes a notice that says what failed and why. */

import { useMemo } from 'react';

import { Unavailable, reasonOf } from '../api/errors';
import type { NewTask, Task, TaskChanges, TimeBlock, TimeBlockChanges } from '../api/models';
import type { Planner } from '../planner';
import type { Slot } from '../sync/cascade';
import { dayName } from '../sync/dates';
import { usePlanner } from './planner-context';

export type Actions = ReturnType<typeof actionsOf>;

export function useActions(): Actions {
  const planner = usePlanner();
  return useMemo(() => actionsOf(planner), [planner]);
}

function actionsOf({ tasks, subtasks, blocks, notices, today }: Planner) {
  const attempt = (what: string, write: Promise<unknown>) => {
    write.catch((error: unknown) => {
      // Left over at sign-out: there is nobody to tell.
      if (!(error instanceof Unavailable)) notices.show({ text: `${what}: ${reasonOf(error)}`, tone: 'problem' });
    });
  };
  const undoable = (text: string, undo: () => void) =>
    notices.show({ text, tone: 'info', action: { label: 'Undo', run: undo } });

  const restoreTask = (task: Task) => attempt(`Couldn’t restore “${task.title}”`, tasks.restore(task.id));
  return {
    addTask: (task: NewTask) => attempt(`Couldn’t add “${task.title}”`, tasks.create(task)),
    changeTask: (task: Task, changes: TaskChanges) => attempt(`Couldn’t change “${task.title}”`, tasks.change(task, changes)),
    setDone: (task: Task, isDone: boolean) =>
      attempt(`Couldn’t ${isDone ? 'complete' : 'reopen'} “${task.title}”`, tasks.setDone(task, isDone)),
    arrange: (moved: readonly Task[], place: string | null, order: readonly string[]) =>
      attempt(`Couldn’t move ${named(moved)}`, tasks.arrange(moved, place, order)),
    deleteTask: (task: Task) => {
      attempt(`Couldn’t delete “${task.title}”`, tasks.remove(task));
      undoable(`Deleted “${task.title}”`, () => restoreTask(task));
    },
    restoreTask,
    addSubtask: (task: Task, title: string) => attempt(`Couldn’t add “${title}”`, subtasks.add(task, title)),
    changeSubtask: (task: Task, id: string, changes: { title?: string; completed?: boolean }) =>
      attempt('Couldn’t change the subtask', subtasks.change(task, id, changes)),
    deleteSubtask: (task: Task, id: string) => attempt('Couldn’t delete the subtask', subtasks.remove(task, id)),
    arrangeSubtasks: (task: Task, order: readonly string[]) =>
      attempt('Couldn’t move the subtask', subtasks.arrange(task, order)),
    addBlock: (title: string, date: string, slot: Slot) =>
      attempt(`Couldn’t add “${title}”`, blocks.create(title, date, slot)),
    scheduleTask: (task: Task, date: string, slot: Slot) =>
      attempt(`Couldn’t schedule “${task.title}”`, blocks.schedule(task, date, slot)),
    autoSchedule: (task: Task) => {
      const write = blocks.autoSchedule(task).then(({ date, startTime, endTime }) => {
        const when = `${dayName(date, today.date)}, ${startTime} – ${endTime}`;
        notices.show({ text: `“${task.title}” is scheduled: ${when}`, tone: 'info' });
      });
      attempt(`Couldn’t schedule “${task.title}”`, write);
    },
    changeBlock: (block: TimeBlock, changes: TimeBlockChanges) =>
      attempt(`Couldn’t change “${block.title}”`, blocks.change(block, changes)),
    resizeBlock: (block: TimeBlock, day: readonly TimeBlock[], slot: Slot) =>
      attempt(`Couldn’t resize “${block.title}”`, blocks.resize(block, day, slot)),
    deleteBlock: (block: TimeBlock) => {
      attempt(`Couldn’t delete “${block.title}”`, blocks.remove(block));
      undoable(`Deleted “${block.title}”`, () => attempt(`Couldn’t restore “${block.title}”`, blocks.restore(block.id)));
    },
  };
}

function named(tasks: readonly Task[]): string {
  const [first] = tasks;
  return tasks.length === 1 && first ? `“${first.title}”` : `${tasks.length} tasks`;
}
