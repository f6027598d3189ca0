/** The console's own line icons, 16 by 16. Decorative: what they mean is said in text beside them or by the control's label. */
const PATHS = {
  overview: "M2.5 13.5V8M6.2 13.5V3M9.9 13.5V6M13.5 13.5V10",
  findings: "M8 2.2 14 13H2L8 2.2ZM8 6.5v3M8 11.2v.1",
  assets: "M2.5 2.5h4.6v4.6H2.5zM8.9 2.5h4.6v4.6H8.9zM2.5 8.9h4.6v4.6H2.5zM8.9 8.9h4.6v4.6H8.9z",
  compliance: "M3 2.5h10v11H3zM5.2 6l1 1 1.7-2M5.2 10.3l1 1 1.7-2M9.6 6.3h1.6M9.6 10.6h1.6",
  baseline: "M2 13.5h12M4 13.5V7h8v6.5M2.5 7 8 2.5 13.5 7",
  scans: "M8 8V2.2A5.8 5.8 0 1 1 2.2 8M8 8 4 4",
  settings: "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 2.8v3.4M6 9.8v3.4",
  audit: "M3.5 2.5h9v11h-9zM5.8 5.5h4.4M5.8 8h4.4M5.8 10.5h2.4",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.4 10.4l3.4 3.4",
  menu: "M2 4h12M2 8h12M2 12h12",
  close: "m3.5 3.5 9 9M12.5 3.5l-9 9",
  check: "m3 8.5 3.3 3.3L13 4.8",
  down: "m4 6 4 4 4-4",
  up: "m4 10 4-4 4 4",
  right: "m6 4 4 4-4 4",
  left: "m10 4-4 4 4 4",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1.2v1.4M8 13.4v1.4M1.2 8h1.4M13.4 8h1.4M3.2 3.2l1 1M11.8 11.8l1 1M12.8 3.2l-1 1M4.2 11.8l-1 1",
  moon: "M13.2 9.6A5.7 5.7 0 0 1 6.4 2.8a5.7 5.7 0 1 0 6.8 6.8Z",
  screen: "M2 3h12v8H2zM5.5 13.5h5M8 11v2.5",
  globe: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM2 8h12M8 2c4 4 4 8 0 12M8 2C4 6 4 10 8 14",
  user: "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8ZM2.8 13.8c.6-2.6 2.6-4 5.2-4s4.6 1.4 5.2 4",
  filter: "M2 3.5h12L9.5 8.8v4.2l-3 .9V8.8L2 3.5Z",
  download: "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  refresh: "M13.5 8A5.5 5.5 0 1 1 11.6 3.8M11.8 1.5v2.6H9.2",
  external: "M6.5 3H3v10h10V9.5M9.5 2.5h4v4M13.5 2.5 7.5 8.5",
  warning: "M8 2.2 14 13H2L8 2.2ZM8 6.5v3M8 11.2v.1",
  about: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.3v3.6M8 5v.1",
  unknown: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.2 6.4c.2-2.4 3.8-2.2 3.6 0-.1 1.1-1.8 1.3-1.8 2.6M8 11.2v.1",
  lock: "M3.5 7h9v6.5h-9zM5.2 7V5.2a2.8 2.8 0 0 1 5.6 0V7",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6",
  link: "M6.8 9.2 9.2 6.8M7.5 4.5 9 3a2.8 2.8 0 0 1 4 4l-1.5 1.5M8.5 11.5 7 13a2.8 2.8 0 0 1-4-4l1.5-1.5",
  comment: "M2.5 3h11v7.5H8L5 13.3v-2.8H2.5z",
  code: "m5 4.5-3.5 3.5L5 11.5M11 4.5l3.5 3.5-3.5 3.5M9.3 2.8 6.7 13.2",
  exit: "M6 2.5H2.5v11H6M6.5 8h7M10.8 5.2 13.6 8l-2.8 2.8",
  keyboard: "M1.5 4h13v8h-13zM4 6.5v.1M6.6 6.5v.1M9.3 6.5v.1M12 6.5v.1M4.5 9.5h7",
  more: "M3.5 8v.1M8 8v.1M12.5 8v.1",
  bookmark: "M4 2.5h8v11L8 10.6 4 13.5z",
  play: "M4.5 2.8v10.4L13 8 4.5 2.8Z",
  stop: "M3.5 3.5h9v9h-9z",
  trash: "M2.5 4h11M6 4V2.5h4V4M4 4l.7 9.5h6.6L12 4M6.8 6.8v4M9.2 6.8v4",
  edit: "M10.8 2.6 13.4 5.2 5.6 13H3v-2.6l7.8-7.8Z",
  key: "M5.2 13.4a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4ZM7.2 8.7l5.3-5.3M10.5 5.4l2 2",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1.2 1.3H2.8L4 11ZM6.8 14h2.4",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  const bold = name === "more" || name === "keyboard";
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={bold ? 1.6 : 1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      style={{ flex: "none" }}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false" style={{ flex: "none" }}>
      <ellipse cx="16" cy="16" rx="11" ry="15" fill="var(--accent)" />
      <path
        d="M11 9h10M10 13h12M10 19h12M11 23h10"
        stroke="var(--on-accent)"
        strokeWidth="2"
        strokeLinecap="round"
        fill="none"
      />
    </svg>
  );
}
