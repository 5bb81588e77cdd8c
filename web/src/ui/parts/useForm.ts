/** A form that is sent and answered: busy, its errors by field, and the message that fits no field. */

import { useState } from 'react';

import { ApiError, reasonOf } from '../../api/errors';

export interface FormState {
  isBusy: boolean;
  message: string | null;
  errorOf: (field: string) => string | undefined;
  submit: (send: () => Promise<void>) => Promise<boolean>;
}

export function useForm(): FormState {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const fields = failure instanceof ApiError ? failure.fields : {};

  const submit = async (send: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setFailure(null);
    try {
      await send();
      return true;
    } catch (error) {
      setFailure(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return {
    isBusy,
    message: failure !== null && Object.keys(fields).length === 0 ? reasonOf(failure) : null,
    errorOf: (field) => fields[field]?.join('; '),
    submit,
  };
}
