import { columns } from "./help.ts";
import { shown } from "../shown.ts";

/** Lines with aligned columns, two spaces apart. Control characters in cells are escaped. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => shown(cell)));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, column) => widths[column] = Math.max(widths[column] ?? 0, lengthOf(cell)));
  }
  return cells.map((row) =>
    row.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - lengthOf(cell))).join("  ")
      .trimEnd()
  ).join("\n");
}

/** What is known of a thing, a row each; rows without a value are left out. */
export function detailText(rows: readonly (readonly [name: string, value: string])[]): string {
  const known = rows.filter(([, value]) => value !== "");
  return columns(known.map(([name, value]) => [name, value]));
}

function lengthOf(text: string): number {
  return [...text].length;
}
