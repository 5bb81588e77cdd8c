/** The app's buttons: one look per importance. */

import type { ComponentProps } from 'react';

import { Icon } from './Icon';
import type { IconName } from './Icon';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

type ButtonProps = ComponentProps<'button'> & { kind?: ButtonKind; icon?: IconName };

export function Button({ kind = 'plain', icon, children, className = '', ...rest }: ButtonProps) {
  return (
    <button type="button" className={`button button-${kind} ${className}`} {...rest}>
      {icon && <Icon name={icon} size={16} />}
      {children}
    </button>
  );
}

/** Only an icon to see: `label` is its name for everybody else. */
export function IconButton({ icon, label, className = '', ...rest }: ComponentProps<'button'> & { icon: IconName; label: string }) {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
