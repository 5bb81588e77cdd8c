// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';

import { hasMarkup, textOfMarkup } from './plain-text';

describe('hasMarkup', () => {
  it.each(['<p>Hi</p>', 'a<br>b', 'x <a href="y">z</a>'])('sees it in %s', (text) => {
    expect(hasMarkup(text)).toBe(true);
  });

  it.each(['2 < 3 and 4 > 1', 'a <- b', '<3', 'plain\ntext', 'List<String>', 'Dear <name>,', '<bold>'])('sees none in %s', (text) => {
    expect(hasMarkup(text)).toBe(false);
  });
});

describe('textOfMarkup', () => {
  it('keeps lines and list items', () => {
    expect(textOfMarkup('<p>Buy:</p><ul><li>milk</li><li><b>bread</b></li></ul>')).toBe('Buy:\n• milk\n• bread');
  });

  it('leaves out what is not text', () => {
    expect(textOfMarkup('<script>alert(1)</script><img src="x" onerror="alert(1)">safe')).toBe('safe');
  });
});
