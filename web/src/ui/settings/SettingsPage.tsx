/** The person's own affairs: profile, keys of agents, where they are signed in. */

import { Icon } from '../parts/Icon';
import type { IconName } from '../parts/Icon';
import { useRouter } from '../router-context';
import type { SettingsPage as Page } from '../router';
import { ApiKeysSection } from './ApiKeysSection';
import { ProfileSection } from './ProfileSection';
import { SessionsSection } from './SessionsSection';

const PAGES: readonly { page: Page; name: string; icon: IconName }[] = [
  { page: 'profile', name: 'Profile', icon: 'person' },
  { page: 'keys', name: 'API keys', icon: 'key' },
  { page: 'sessions', name: 'Sessions', icon: 'devices' },
];

export function SettingsPage({ page }: { page: Page }) {
  const router = useRouter();
  return (
    <div className="page settings-page" data-scroll="y">
      <header className="page-head">
        <h1>Settings</h1>
      </header>
      <nav className="tabs" aria-label="Settings">
        {PAGES.map((one) => (
          <button
            type="button"
            key={one.page}
            className="tab"
            aria-current={one.page === page ? 'page' : undefined}
            onClick={() => router.show({ name: 'settings', page: one.page })}
          >
            <Icon name={one.icon} size={16} />
            {one.name}
          </button>
        ))}
      </nav>
      {page === 'profile' && <ProfileSection />}
      {page === 'keys' && <ApiKeysSection />}
      {page === 'sessions' && <SessionsSection />}
    </div>
  );
}
