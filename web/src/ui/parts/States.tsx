/** What stands where content is not: nothing there, not there yet, could not be had. */

import type { ReactNode } from 'react';

import { Button } from './Button';
import { Icon } from './Icon';
import type { IconName } from './Icon';

export function EmptyState({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="empty-state">
      <Icon name={icon} size={28} />
      <p className="empty-title">{title}</p>
      {children && <div className="empty-text">{children}</div>}
    </div>
  );
}

export function ErrorState({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <div className="empty-state" role="alert">
      <Icon name="alert" size={28} />
      <p className="empty-title">This could not be loaded</p>
      <p className="empty-text">{error.message}</p>
      <Button onClick={retry}>Try again</Button>
    </div>
  );
}

export function Skeleton({ rows }: { rows: number }) {
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skeleton-row" />
      ))}
    </div>
  );
}
