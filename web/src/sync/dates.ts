/** Calendar days as `YYYY-MM-DD` and times as `HH:MM`: arithmetic and words, without a clock. */

const DAY_MS = 86_400_000;
const DAY_END_MINS = 24 * 60;

export function dayIn(timeZone: string, nowMs: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(nowMs);
}

/** Minutes since midnight. */
export function minuteIn(timeZone: string, nowMs: number): number {
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return minutesOf(time.format(nowMs));
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name !== '';
  } catch {
    return false;
  }
}

export function addDays(date: string, days: number): string {
  return new Date(utc(date) + days * DAY_MS).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((utc(to) - utc(from)) / DAY_MS);
}

export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** `24:00` at the day's end. */
export function timeOf(minutes: number): string {
  const within = Math.min(Math.max(0, minutes), DAY_END_MINS);
  return `${String(Math.floor(within / 60)).padStart(2, '0')}:${String(within % 60).padStart(2, '0')}`;
}

/** "Today", "Tomorrow", "Yesterday", a weekday of the coming week, else "Mon, 7 Dec". */
export function dayName(date: string, today: string): string {
  const distance = daysBetween(today, date);
  if (distance === 0) return 'Today';
  if (distance === 1) return 'Tomorrow';
  if (distance === -1) return 'Yesterday';
  if (distance > 1 && distance < 7) return format(date, { weekday: 'long' });
  return format(date, { weekday: 'short', day: 'numeric', month: 'short' });
}

/** "Mon 23 Nov". */
export function shortDate(date: string): string {
  return format(date, { weekday: 'short', day: 'numeric', month: 'short' });
}

/** "23 Nov". */
export function dayAndMonth(date: string): string {
  return format(date, { day: 'numeric', month: 'short' });
}

/** "Monday, 23 November 2026". */
export function longDate(date: string): string {
  return format(date, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

export function duration(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

function format(date: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(utc(date));
}

function utc(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}
