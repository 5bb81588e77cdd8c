/** What stands around every screen: where one can go, how the line is, the panel of a task. */

import { useState } from 'react';

import { usePlanner } from '../../hooks/planner-context';
import { useUser } from '../../hooks/useUser';
import { BoardPage } from '../board/BoardPage';
import { TaskPanel } from '../panel/TaskPanel';
import { Avatar } from '../parts/Avatar';
import { IconButton } from '../parts/Button';
import { Icon } from '../parts/Icon';
import type { IconName } from '../parts/Icon';
import type { Screen } from '../router';
import { usePlace, useRouter } from '../router-context';
import { SearchPage } from '../search/SearchPage';
import { SettingsPage } from '../settings/SettingsPage';
import { TimelinePage } from '../timeline/TimelinePage';
import { ConnectionBadge } from './ConnectionBadge';
import { HelpOverlay } from './HelpOverlay';
import { SignOutDialog } from './SignOutDialog';
import { SpreeDialog } from './SpreeDialog';
import { useShortcuts } from './useShortcuts';
import { useTheme } from './useTheme';

const DESTINATIONS: readonly { screen: Screen; name: string; icon: IconName }[] = [
  { screen: { name: 'board' }, name: 'Board', icon: 'board' },
  { screen: { name: 'day', date: null }, name: 'Day', icon: 'day' },
  { screen: { name: 'search', text: '' }, name: 'Search', icon: 'search' },
  { screen: { name: 'settings', page: 'profile' }, name: 'Settings', icon: 'settings' },
];

export function Shell() {
  const { screen, taskId } = usePlace();
  const { preferences } = useUser();
  const [isHelpOpen, setHelpOpen] = useState(false);
  useTheme(preferences?.themeMode ?? 'system');
  useShortcuts(() => setHelpOpen(true));

  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <Navigation current={screen.name} openHelp={() => setHelpOpen(true)} />
      <main id="main" className="main">
        <CurrentScreen screen={screen} />
      </main>
      {taskId !== null && <TaskPanel key={taskId} id={taskId} />}
      {isHelpOpen && <HelpOverlay onClose={() => setHelpOpen(false)} />}
      <SpreeDialog />
      <SignOutDialog />
    </div>
  );
}

function CurrentScreen({ screen }: { screen: Screen }) {
  switch (screen.name) {
    case 'board':
      return <BoardPage />;
    case 'day':
      return <TimelinePage date={screen.date} />;
    case 'search':
      return <SearchPage text={screen.text} />;
    case 'settings':
      return <SettingsPage page={screen.page} />;
  }
}

function Navigation({ current, openHelp }: { current: Screen['name']; openHelp: () => void }) {
  const router = useRouter();
  return (
    <nav className="nav" aria-label="Planner">
      <p className="brand">
        <img src="/assets/icon.svg" alt="" width={28} height={28} />
        <span>Planner</span>
      </p>
      <div className="nav-places">
        {DESTINATIONS.map(({ screen, name, icon }) => (
          <button
            type="button"
            key={name}
            className="nav-place"
            aria-current={screen.name === current ? 'page' : undefined}
            onClick={() => router.show(screen)}
          >
            <Icon name={icon} size={20} />
            <span>{name}</span>
          </button>
        ))}
      </div>
      <div className="nav-foot">
        <ConnectionBadge />
        <WhoAmI openHelp={openHelp} />
      </div>
    </nav>
  );
}

function WhoAmI({ openHelp }: { openHelp: () => void }) {
  const user = useUser();
  const { signOut } = usePlanner();
  return (
    <div className="who">
      <Avatar name={user.name ?? user.email} url={user.avatarUrl} />
      <span className="who-name" title={user.email}>
        {user.name ?? user.email}
      </span>
      <IconButton icon="help" label="Keyboard shortcuts" className="only-wide" onClick={openHelp} />
      <IconButton icon="out" label="Sign out" onClick={() => void signOut.begin().catch(() => undefined)} />
    </div>
  );
}
