/** Where the person is signed in, and how to end it elsewhere. */

import { useQuery, useQueryClient } from '@tanstack/react-query';

import { reasonOf } from '../../api/errors';
import type { LoginSession } from '../../api/models';
import { usePlanner } from '../../hooks/planner-context';
import { sessionsQuery } from '../../hooks/queries';
import { keys } from '../../sync/buckets';
import { Button } from '../parts/Button';
import { Icon } from '../parts/Icon';
import { ErrorState, Skeleton } from '../parts/States';
import { instantWords } from './instant-words';

export function SessionsSection() {
  const planner = usePlanner();
  const { data, isPending, error, refetch } = useQuery(sessionsQuery(planner));
  return (
    <section className="settings-card" aria-labelledby="sessions-title">
      <h2 id="sessions-title">Where you are signed in</h2>
      {isPending && <Skeleton rows={2} />}
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      <ul className="rows">
        {data?.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
    </section>
  );
}

function SessionRow({ session }: { session: LoginSession }) {
  const { api, notices, signOut, today } = usePlanner();
  const client = useQueryClient();
  const end = async () => {
    try {
      if (session.current) return await signOut.begin();
      await api.account.endSession(session.id);
    } catch (error) {
      notices.show({ text: `Couldn’t end that session: ${reasonOf(error)}`, tone: 'problem' });
    }
    await client.invalidateQueries({ queryKey: keys.sessions });
  };
  return (
    <li className="row">
      <Icon name="devices" size={20} />
      <div className="row-body">
        <p className="row-title">
          {session.name ?? 'Unknown device'} {session.current && <span className="badge badge-good">This one</span>}
        </p>
        <p className="row-detail">
          Signed in {instantWords(session.createdAt, today.timeZone)} · last used {instantWords(session.lastUsedAt, today.timeZone)}
        </p>
      </div>
      <Button onClick={() => void end()}>{session.current ? 'Sign out' : 'Sign out there'}</Button>
    </li>
  );
}
