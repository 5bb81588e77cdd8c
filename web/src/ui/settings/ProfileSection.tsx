/** Name, time zone, picture, look, working hours and password. */

import { useState } from 'react';
import type { SyntheticEvent } from 'react';

import type { Preferences } from '../../api/models';
import { usePlanner } from '../../hooks/planner-context';
import { useUser } from '../../hooks/useUser';
import { timeOf } from '../../sync/dates';
import { Avatar } from '../parts/Avatar';
import { Button } from '../parts/Button';
import { SelectField, TextField } from '../parts/Field';
import { formText } from '../parts/form-text';
import { useForm } from '../parts/useForm';
import type { FormState } from '../parts/useForm';
import { PasswordForm } from './PasswordForm';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const THEMES = [
  ['system', 'As the device'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;

export function ProfileSection() {
  return (
    <div className="settings-sections">
      <FreshProfileForm />
      <LookForm />
      <PasswordForm />
    </div>
  );
}

/** Follows changes from elsewhere, but never under the hands of somebody who is typing. */
function FreshProfileForm() {
  const { name, timezone, avatarUrl } = useUser();
  const current = JSON.stringify([name, timezone, avatarUrl]);
  const [shown, setShown] = useState(current);
  const [isEditing, setEditing] = useState(false);
  if (!isEditing && shown !== current) setShown(current);
  return <ProfileForm key={shown} onEdit={() => setEditing(true)} onSaved={() => setEditing(false)} />;
}

function ProfileForm({ onEdit, onSaved }: { onEdit: () => void; onSaved: () => void }) {
  const [user] = useState(useUser());
  const form = useForm();
  const { notices, changeUser } = usePlanner();
  const [avatarUrl, setAvatarUrl] = useState(user.avatarUrl ?? '');

  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => formText(data, name).trim();
    const fields = { name: text('name') || null, timezone: text('timezone'), avatarUrl: avatarUrl.trim() || null };
    // What was left alone here may have been changed elsewhere.
    const changes = Object.fromEntries(Object.entries(fields).filter(([name, value]) => user[name as keyof typeof fields] !== value));
    void form
      .submit(() => changeUser(changes))
      .then((isSaved) => {
        if (!isSaved) return;
        onSaved();
        notices.show({ text: 'Profile saved', tone: 'info' });
      });
  };
  return (
    <section className="settings-card" aria-labelledby="profile-title">
      <h2 id="profile-title">Profile</h2>
      <form className="form" onSubmit={submit} onInput={onEdit}>
        <div className="profile-row">
          <Avatar name={user.name ?? user.email} url={avatarUrl.startsWith('http') ? avatarUrl : null} />
          <p className="field-hint">{user.email}</p>
        </div>
        <TextField label="Name" name="name" defaultValue={user.name ?? ''} maxLength={255} error={form.errorOf('name')} />
        <TextField
          label="Picture address"
          name="avatarUrl"
          type="url"
          value={avatarUrl}
          onChange={(event) => setAvatarUrl(event.target.value)}
          maxLength={500}
          placeholder="https://"
          error={form.errorOf('avatarUrl')}
        />
        <TextField
          label="Time zone"
          name="timezone"
          list="time-zones"
          defaultValue={user.timezone}
          required
          error={form.errorOf('timezone')}
          hint="Your days begin and end here."
        />
        <datalist id="time-zones">
          {Intl.supportedValuesOf('timeZone').map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
        <FormEnd form={form} />
      </form>
    </section>
  );
}

function LookForm() {
  const { preferences } = useUser();
  const form = useForm();
  const { changeUser } = usePlanner();
  const set = (change: Partial<Preferences>) => void form.submit(() => changeUser({ preferences: change }));
  return (
    <section className="settings-card" aria-labelledby="look-title">
      <h2 id="look-title">Look and working hours</h2>
      <fieldset className="field">
        <legend>Appearance</legend>
        <div className="segments">
          {THEMES.map(([mode, name]) => (
            <label key={mode} className="segment">
              <input type="radio" name="theme" checked={(preferences?.themeMode ?? 'system') === mode} onChange={() => set({ themeMode: mode })} />
              {name}
            </label>
          ))}
        </div>
      </fieldset>
      <div className="form-pair">
        <SelectField label="Work starts" value={preferences?.workStartHour ?? 9} onChange={(event) => set({ workStartHour: Number(event.target.value) })}>
          {HOURS.map((hour) => (
            <option key={hour} value={hour}>
              {timeOf(hour * 60)}
            </option>
          ))}
        </SelectField>
        <SelectField label="Work ends" value={preferences?.workEndHour ?? 18} onChange={(event) => set({ workEndHour: Number(event.target.value) })}>
          {HOURS.map((hour) => (
            <option key={hour} value={hour}>
              {timeOf(hour * 60)}
            </option>
          ))}
        </SelectField>
      </div>
      {form.message !== null && (
        <p className="callout callout-problem" role="alert">
          {form.message}
        </p>
      )}
    </section>
  );
}

export function FormEnd({ form, label = 'Save' }: { form: FormState; label?: string }) {
  return (
    <>
      {form.message !== null && (
        <p className="callout callout-problem" role="alert">
          {form.message}
        </p>
      )}
      <div className="button-row">
        <Button kind="primary" type="submit" disabled={form.isBusy}>
          {label}
        </Button>
      </div>
    </>
  );
}
