/** A modal dialog: the browser's own, with its focus handling and Escape. */

import { useEffect, useId, useRef } from 'react';
import type { ReactNode, SyntheticEvent } from 'react';

import { IconButton } from './Button';

interface DialogProps {
  title: string;
  onClose: () => void;
  /** A press beside it does not close it: what it shows can't be had again. */
  isLasting?: boolean;
  children: ReactNode;
}

export function Dialog({ title, onClose, isLasting = false, children }: DialogProps) {
  // Whoever selects text and lets go beside the dialog doesn't mean to close it.
  const isPressedBeside = useRef(false);
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        isPressedBeside.current = isBeside(event);
      }}
      onClick={(event) => {
        if (!isLasting && isPressedBeside.current && isBeside(event)) onClose();
      }}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** The backdrop is the dialog element itself; what it shows lies within. */
function isBeside(event: SyntheticEvent): boolean {
  return event.target === event.currentTarget;
}
