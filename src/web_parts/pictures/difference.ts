/**
 * CIEDE2000 of two colours, in L*a*b*, with k_L = k_C = k_H = 1 (Sharma, Wu & Dalal, 2005). Symmetric,
 * from 0.
 */
export function deltaE2000(
  [L1, a1, b1]: readonly [number, number, number],
  [L2, a2, b2]: readonly [number, number, number],
): number {
  const meanC = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const stretch = 1.5 - 0.5 * weight(meanC);
  const [C1, C2] = [Math.hypot(stretch * a1, b1), Math.hypot(stretch * a2, b2)];
  const [h1, h2] = [hueOf(stretch * a1, b1), hueOf(stretch * a2, b2)];
  const isGray = C1 * C2 === 0;
  let turn = isGray ? 0 : h2 - h1;
  if (turn > 180) turn -= 360;
  else if (turn < -180) turn += 360;
  let meanH = (h1 + h2) / 2;
  if (isGray) meanH = h1 + h2;
  else if (Math.abs(h1 - h2) > 180) meanH += meanH < 180 ? 180 : -180;
  const [meanL, meanCp] = [(L1 + L2) / 2, (C1 + C2) / 2];
  const T = 1 - 0.17 * cos(meanH - 30) + 0.24 * cos(2 * meanH) + 0.32 * cos(3 * meanH + 6) -
    0.2 * cos(4 * meanH - 63);
  const lightness = (L2 - L1) / (1 + 0.015 * (meanL - 50) ** 2 / Math.sqrt(20 + (meanL - 50) ** 2));
  const chroma = (C2 - C1) / (1 + 0.045 * meanCp);
  const hue = 2 * Math.sqrt(C1 * C2) * sin(turn / 2) / (1 + 0.015 * meanCp * T);
  const rotation = -2 * weight(meanCp) * sin(60 * Math.exp(-(((meanH - 275) / 25) ** 2)));
  return Math.sqrt(lightness ** 2 + chroma ** 2 + hue ** 2 + rotation * chroma * hue);
}

/** From 0 for gray to 1 for strong colours. */
function weight(chroma: number): number {
  return Math.sqrt(chroma ** 7 / (chroma ** 7 + 25 ** 7));
}

/** In degrees, from 0 to 360; 0 of gray. */
function hueOf(a: number, b: number): number {
  return (Math.atan2(b, a) * 180 / Math.PI + 360) % 360;
}

function cos(degrees: number): number {
  return Math.cos(degrees * Math.PI / 180);
}

function sin(degrees: number): number {
  return Math.sin(degrees * Math.PI / 180);
}
