/** An instant for people: "23 Nov 2026, 14:05" in their time zone. */

export function instantWords(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(instant));
}
