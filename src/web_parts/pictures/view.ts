/** A size, in pixels of the screen (CSS) or of a photo. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What of a photo is seen; one for all panes. */
export interface View {
  /** In percent, where 100 is one pixel of the photo on one of the screen; 0: all of it is seen. */
  readonly zoom: number;
  /** The photo's point in the middle of a pane, each from 0 to 1. */
  readonly x: number;
  readonly y: number;
}

/** Where a photo lies in a pane, in CSS pixels. */
export interface Place {
  /** CSS pixels a pixel of the photo. */
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** The zoom in percent. */
  readonly percent: number;
}

/** All of the photo. */
export const wholePhoto: View = { zoom: 0, x: 0.5, y: 0.5 };

/** The steps of the zoom, in percent. */
const steps = [2, 5, 10, 15, 20, 25, 33, 50, 67, 75, 100, 150, 200, 300, 400, 600, 800];

/** Where the photo lies; it leaves no room at a side where it is larger than the pane. */
export function placeOf(view: View, photo: Size, pane: Size): Place {
  const ratio = devicePixelRatio || 1;
  const fit = Math.min(pane.width / photo.width, pane.height / photo.height, 8 / ratio);
  const scale = view.zoom === 0 ? fit : view.zoom / 100 / ratio;
  const [width, height] = [photo.width * scale, photo.height * scale];
  const at = (share: number, length: number, room: number) => {
    const free = room - length;
    const start = free >= 0 ? free / 2 : Math.min(0, Math.max(free, room / 2 - share * length));
    return Math.round(start * ratio) / ratio; // on a pixel of the screen, so that 100 % is sharp
  };
  const [left, top] = [at(view.x, width, pane.width), at(view.y, height, pane.height)];
  return { scale, left, top, width, height, percent: 100 * scale * ratio };
}

/** The same photo moved by CSS pixels. */
export function moved(place: Place, pane: Size, byX: number, byY: number): View {
  const middle = (room: number, start: number, length: number, by: number) =>
    Math.min(1, Math.max(0, (room / 2 - start - by) / length));
  return {
    zoom: place.percent,
    x: middle(pane.width, place.left, place.width, byX),
    y: middle(pane.height, place.top, place.height, byY),
  };
}

/** Another zoom, in percent, about a point of the pane that stays where it is. */
export function zoomed(
  place: Place,
  pane: Size,
  percent: number,
  [x, y]: readonly [number, number] = [pane.width / 2, pane.height / 2],
): View {
  const zoom = Math.min(800, Math.max(2, percent));
  const grown = zoom / place.percent;
  const middle = (room: number, start: number, length: number, point: number) =>
    ((point - start) * grown + room / 2 - point) / (length * grown);
  return {
    zoom,
    x: middle(pane.width, place.left, place.width, x),
    y: middle(pane.height, place.top, place.height, y),
  };
}

/** The next step of the zoom. @param by 1 or -1. */
export function nextZoom({ percent }: Place, by: number): number {
  return by > 0
    ? steps.find((step) => step > percent * 1.01) ?? 800
    : steps.findLast((step) => step < percent * 0.99) ?? 2;
}
