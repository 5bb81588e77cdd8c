/** A labelled input with its hint and its error, tied together for those who can't see it. */

import { useId } from 'react';
import type { ComponentProps, ReactNode } from 'react';

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

export function TextField({ label, hint, error, ...input }: FieldProps & ComponentProps<'input'>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} className="input" aria-invalid={error !== undefined} aria-describedby={`${id}-note`} {...input} />
      <p id={`${id}-note`} className={error === undefined ? 'field-hint' : 'field-error'}>
        {error ?? hint}
      </p>
    </div>
  );
}

export function SelectField({ label, hint, error, children, ...select }: FieldProps & ComponentProps<'select'>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" aria-describedby={`${id}-note`} {...select}>
        {children}
      </select>
      <p id={`${id}-note`} className={error === undefined ? 'field-hint' : 'field-error'}>
        {error ?? hint}
      </p>
    </div>
  );
}
