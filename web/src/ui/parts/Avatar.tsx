/** A person's picture, or initials where there is none. */

import { useState } from 'react';

export function Avatar({ name, url }: { name: string; url: string | null }) {
  const [brokenUrl, setBrokenUrl] = useState<string | null>(null);
  if (url !== null && url !== brokenUrl) {
    return (
      <img className="avatar" src={url} alt="" referrerPolicy="no-referrer" onError={() => setBrokenUrl(url)} />
    );
  }
  return (
    <span className="avatar avatar-initials" aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

function initialsOf(name: string): string {
  const words = name.split(/[\s.@_-]+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
}
