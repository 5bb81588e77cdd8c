/** The keys of the person's agents: made, paused, revoked. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { reasonOf } from '../../api/errors';
import type { ApiKey } from '../../api/models';
import { usePlanner } from '../../hooks/planner-context';
import { apiKeysQuery } from '../../hooks/queries';
import { keys } from '../../sync/buckets';
import { Button } from '../parts/Button';
import { Dialog } from '../parts/Dialog';
import { Icon } from '../parts/Icon';
import { EmptyState, ErrorState, Skeleton } from '../parts/States';
import { instantWords } from './instant-words';
import { NewKeyForm } from './NewKeyForm';

export function ApiKeysSection() {
  const planner = usePlanner();
  const { data, isPending, error, refetch } = useQuery(apiKeysQuery(planner));
  const [isMaking, setMaking] = useState(false);
  return (
    <section className="settings-card" aria-labelledby="keys-title">
      <header className="settings-head">
        <h2 id="keys-title">API keys</h2>
        <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
          New key
        </Button>
      </header>
      <p className="field-hint">An agent with a key plans along: what it changes shows here at once, with its name.</p>
      {isPending && <Skeleton rows={2} />}
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {data?.length === 0 && <EmptyState icon="key" title="No keys yet">Make one for each agent, so that you see who did what.</EmptyState>}
      <ul className="rows">
        {data?.map((key) => (
          <KeyRow key={key.id} apiKey={key} />
        ))}
      </ul>
      {isMaking && <NewKeyForm onClose={() => setMaking(false)} />}
    </section>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const { api, notices, today } = usePlanner();
  const client = useQueryClient();
  const [isRevoking, setRevoking] = useState(false);
  const [nowMs] = useState(() => Date.now());
  const isExpired = apiKey.expiresAt !== null && Date.parse(apiKey.expiresAt) < nowMs;

  const attempt = async (what: string, write: Promise<unknown>) => {
    try {
      await write;
    } catch (error) {
      notices.show({ text: `Couldn’t ${what} “${apiKey.name}”: ${reasonOf(error)}`, tone: 'problem' });
    }
    await client.invalidateQueries({ queryKey: keys.apiKeys });
  };
  const zone = today.timeZone;
  return (
    <li className="row">
      <Icon name="key" size={20} />
      <div className="row-body">
        <p className="row-title">
          {apiKey.name} <code>{apiKey.keyPrefix}…</code>{' '}
          {isExpired ? (
            <span className="badge badge-bad">Expired</span>
          ) : (
            !apiKey.isActive && <span className="badge badge-warn">Paused</span>
          )}
        </p>
        <p className="row-detail">{apiKey.scopes.length === 0 ? 'May nothing yet' : apiKey.scopes.join(' · ')}</p>
        <p className="row-detail">
          {apiKey.lastUsedAt === null ? 'Never used' : `Last used ${instantWords(apiKey.lastUsedAt, zone)}`}
          {apiKey.expiresAt !== null && ` · expires ${instantWords(apiKey.expiresAt, zone)}`}
        </p>
      </div>
      <div className="row-actions">
        <Button onClick={() => void attempt('change', api.apiKeys.change(apiKey.id, { isActive: !apiKey.isActive }))}>
          {apiKey.isActive ? 'Pause' : 'Resume'}
        </Button>
        <Button kind="danger" onClick={() => setRevoking(true)}>
          Revoke
        </Button>
      </div>
      {isRevoking && (
        <Dialog title={`Revoke “${apiKey.name}”?`} onClose={() => setRevoking(false)}>
          <p>Whoever uses this key is shut out at once. This can’t be undone.</p>
          <div className="button-row">
            <Button kind="danger" onClick={() => void attempt('revoke', api.apiKeys.remove(apiKey.id))}>
              Revoke key
            </Button>
            <Button onClick={() => setRevoking(false)}>Keep it</Button>
          </div>
        </Dialog>
      )}
    </li>
  );
}
