/** The most lines that the TypeScript of a folder may have together; what is generated does not count. */
export const folderLimits: readonly { readonly path: RegExp; readonly lines: number }[] = [
  { path: /^src\/jobs\//, lines: 3600 },
  { path: /^src\/[a-z_]+\//, lines: 5500 },
];

/** The most lines a source file may have; the first entry whose prefix fits counts. */
export const lineLimits: readonly { readonly path: string; readonly lines: number }[] = [
  { path: "workers/", lines: 70 },
  { path: "", lines: 450 },
];
