/** Makes a key, and shows it this once. */

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SyntheticEvent } from 'react';

import { SCOPES } from '../../api/models';
import type { Scope } from '../../api/models';
import { usePlanner } from '../../hooks/planner-context';
import { keys } from '../../sync/buckets';
import { Button } from '../parts/Button';
import { Dialog } from '../parts/Dialog';
import { TextField } from '../parts/Field';
import { formText } from '../parts/form-text';
import { useForm } from '../parts/useForm';
import { FormEnd } from './ProfileSection';

const SCOPE_WORDS: Record<Scope, string> = {
  'tasks:read': 'See tasks',
  'tasks:write': 'Change tasks',
  'time-blocks:read': 'See time blocks',
  'time-blocks:write': 'Change time blocks',
  'user:read': 'See the profile',
  'user:write': 'Change the profile',
};
const USUAL: readonly Scope[] = ['tasks:read', 'tasks:write', 'time-blocks:read', 'time-blocks:write'];

export function NewKeyForm({ onClose }: { onClose: () => void }) {
  const { api } = usePlanner();
  const client = useQueryClient();
  const form = useForm();
  const [secret, setSecret] = useState<string | null>(null);

  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => formText(data, name).trim();
    const scopes = SCOPES.filter((scope) => data.has(scope));
    void form.submit(async () => {
      const { key } = await api.apiKeys.create({ name: text('name'), scopes, expiresAt: text('expiresAt') || null });
      setSecret(key);
      await client.invalidateQueries({ queryKey: keys.apiKeys });
    });
  };
  if (secret !== null) return <Secret secret={secret} onClose={onClose} />;
  return (
    <Dialog title="New API key" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <TextField label="Name" name="name" required maxLength={255} placeholder="Claude" error={form.errorOf('name')} hint="Shown beside everything that is done with it." />
        <fieldset className="scopes">
          <legend>It may</legend>
          {SCOPES.map((scope) => (
            <label key={scope} className="check">
              <input type="checkbox" name={scope} defaultChecked={USUAL.includes(scope)} />
              {SCOPE_WORDS[scope]} <code>{scope}</code>
            </label>
          ))}
        </fieldset>
        <TextField label="Expires after" name="expiresAt" type="date" error={form.errorOf('expiresAt')} hint="Leave empty for a key that doesn’t expire." />
        <FormEnd form={form} label="Make key" />
      </form>
    </Dialog>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const [copying, setCopying] = useState<'done' | 'failed' | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setCopying('done');
    } catch {
      // Without TLS there is no clipboard, and a person can forbid it.
      setCopying('failed');
    }
  };
  return (
    <Dialog title="Your new key" onClose={onClose} isLasting>
      <p>Copy it now: it is shown this once and can’t be read again.</p>
      <output className="secret">{secret}</output>
      {copying === 'failed' && (
        <p className="callout callout-problem" role="alert">
          This browser doesn’t let the page copy. Select the key and copy it yourself.
        </p>
      )}
      <div className="button-row">
        <Button kind="primary" onClick={() => void copy()}>
          {copying === 'done' ? 'Copied' : 'Copy'}
        </Button>
        <Button onClick={onClose}>Done</Button>
      </div>
    </Dialog>
  );
}
