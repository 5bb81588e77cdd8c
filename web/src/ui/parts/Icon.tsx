/** The app's icons: strokes on a grid of 20, drawn in the text's colour. */

const PATHS = {
  board: 'M3.5 4h4v12h-4zM10 4h6.5M10 8h6.5M10 12h6.5M10 16h4',
  day: 'M4 5.5h12v11H4zM4 9h12M7 3.5v3M13 3.5v3M7 12h3',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13.2 13.2 17 17',
  settings: 'M3.5 6.5h7M14.5 6.5h2M3.5 13.5h2M9.5 13.5h7M12.5 8.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7.5 15.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  plus: 'M10 4.5v11M4.5 10h11',
  close: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  check: 'M5 10.5l3.5 3.5L15.5 6.5',
  left: 'M12 5l-5 5 5 5',
  right: 'M8 5l5 5-5 5',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6.5V10l2.5 1.5',
  notes: 'M4.5 5h11M4.5 8.5h11M4.5 12h11M4.5 15.5h6',
  steps: 'M4 6l1.2 1.2L7.5 5M10 6h6M4 13l1.2 1.2L7.5 12M10 13h6',
  trash: 'M4.5 6h11M8 6V4h4v2M6 6l.7 10.5h6.6L14 6M8.5 9v5M11.5 9v5',
  calendarAdd: 'M16 9V5.5H4v11h6M4 9h12M7 3.5v3M13 3.5v3M14.5 12.5v5M12 15h5',
  flag: 'M5.5 17V4M5.5 4.5h8.5l-2 3 2 3H5.5',
  key: 'M7 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM9.5 9.5 16 3.5M13 6.5l2 2',
  person: 'M10 10a3.2 3.2 0 1 0 0-6.5A3.2 3.2 0 0 0 10 10zM3.8 16.5c.7-3 3-4.3 6.2-4.3s5.5 1.3 6.2 4.3',
  devices: 'M3.5 5h10v7.5h-10zM2.5 15.5h8M13 9h4v7.5h-4z',
  help: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM8 8.2a2 2 0 1 1 2.7 1.9c-.5.2-.7.6-.7 1.2M10 13.7v.1',
  out: 'M8 4H4.5v12H8M11.5 6.5 15 10l-3.5 3.5M15 10H8',
  alert: 'M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14.2v.1',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
