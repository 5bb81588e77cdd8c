/** A text area as high as its text. */

import { useLayoutEffect, useRef } from 'react';
import type { ComponentProps } from 'react';

export function GrowingText({ value, ...rest }: ComponentProps<'textarea'>) {
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [value]);
  return <textarea ref={area} rows={1} value={value} {...rest} />;
}
