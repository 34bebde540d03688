/** Paths of a 16 x 16 picture, drawn as lines. */
const shapes = {
  jobs: "M2 4h12M2 8h12M2 12h7",
  compare: "M2 12l4-4 3 2 5-6",
  colorize: "M8 2c2.5 3 4.5 5 4.5 7.5a4.5 4.5 0 0 1-9 0C3.5 7 5.5 5 8 2z",
  models: "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
  datasets: "M2 3h12v10H2zM2 11l4-4 3 3 2-2 3 3",
  devices: "M4 4h8v8H4zM6 1v3M10 1v3M6 12v3M10 12v3M1 6h3M1 10h3M12 6h3M12 10h3",
  plus: "M8 3v10M3 8h10",
  left: "M10 3L5 8l5 5",
  right: "M6 3l5 5-5 5",
  sun:
    "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.5 1.5M11.5 11.5L13 13M3 13l1.5-1.5M11.5 4.5L13 3",
  pause: "M5 3v10M11 3v10",
  play: "M5 3l7 5-7 5z",
  copy: "M6 6h7v7H6zM3 10V3h7",
  download: "M8 2v8M4.5 7L8 10.5 11.5 7M3 13h10",
  upload: "M8 11V3M4.5 6L8 2.5 11.5 6M3 13h10",
  full: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5L6.5 12 13 4.5",
  warning: "M8 2l6.5 12h-13zM8 6.5v3.5M8 11.800v.4",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5L14 14",
} as const;

/** The name of a picture. */
export type IconName = keyof typeof shapes;

/** A small picture beside words; nothing to a screen reader. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={shapes[name]} />
    </svg>
  );
}

/** The mark of the program. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 16 20" width="16" height="20" aria-hidden="true">
      <path class="logo-left" d="M8 1C4 6 1.5 9 1.5 12.5a6.5 6.5 0 0 0 6.5 6.5z" />
      <path class="logo-right" d="M8 1c4 5 6.5 8 6.5 11.5a6.5 6.5 0 0 1-6.5 6.5z" />
    </svg>
  );
}
