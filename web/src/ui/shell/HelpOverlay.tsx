/** The keyboard shortcuts, on one page. */

import { Dialog } from '../parts/Dialog';

const GROUPS: readonly { name: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    name: 'Anywhere',
    keys: [
      ['n', 'Add a task to today'],
      ['/', 'Search'],
      ['g then b, d, s, p', 'Go to board, day, search, settings'],
      ['Esc', 'Close what is open'],
      ['?', 'This page'],
    ],
  },
  {
    name: 'On a task',
    keys: [
      ['Enter', 'Open it'],
      ['x', 'Complete or reopen it'],
      ['Space', 'Lift it; arrows move it, Space drops it, Esc leaves it'],
      ['Delete', 'Delete it (can be undone)'],
      ['↑ ↓', 'Next and previous task'],
    ],
  },
  {
    name: 'On a time block',
    keys: [
      ['↑ ↓', 'A quarter of an hour earlier or later'],
      ['Shift ↑ ↓', 'Shorter or longer; later blocks make way'],
      ['← →', 'To the day before or after'],
      ['Enter', 'Edit it'],
    ],
  },
];

export function HelpOverlay({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div className="help">
        {GROUPS.map((group) => (
          <section key={group.name}>
            <h3>{group.name}</h3>
            <dl>
              {group.keys.map(([key, words]) => (
                <div key={key} className="help-row">
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
