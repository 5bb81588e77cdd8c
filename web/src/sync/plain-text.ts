/** The text of notes that another client stored as HTML, extracted without rendering it. */

/** What editors of rich text write; `List<String>` and `<name>` are text. */
const ELEMENTS =
  'a abbr article aside b blockquote br center code del div em figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre s script section small span strike strong style sub sup table tbody td th thead tr u ul';
const TAG = new RegExp(`</?(${ELEMENTS.replaceAll(' ', '|')})(\\s[^<>]*)?/?>`, 'i');
const BLOCKS = new Set(['P', 'DIV', 'LI', 'UL', 'OL', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'BLOCKQUOTE', 'PRE', 'TR']);
const UNREAD = new Set(['SCRIPT', 'STYLE', 'TEMPLATE', 'TITLE', 'HEAD']);

export function hasMarkup(text: string): boolean {
  return TAG.test(text);
}

/** The parser makes an inert document: nothing in it runs or loads. */
export function textOfMarkup(markup: string): string {
  const { body } = new DOMParser().parseFromString(markup, 'text/html');
  return textOf(body)
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function textOf(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent ?? '';
  if (UNREAD.has(node.nodeName)) return '';
  if (node.nodeName === 'BR') return '\n';
  const inner = [...node.childNodes].map(textOf).join('');
  if (node.nodeName === 'LI') return `• ${inner.trim()}\n`;
  return BLOCKS.has(node.nodeName) ? `${inner.trimEnd()}\n` : inner;
}
