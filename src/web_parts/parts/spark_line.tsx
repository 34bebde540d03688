/** A line of a few values without axes: the smaller, the lower. */
export function SparkLine({ values, label }: { values: readonly number[]; label: string }) {
  if (values.length < 2) return <span class="spark" />;
  const [width, height] = [112, 28];
  const logs = values.map((value) => Math.log(Math.max(value, 1e-9)));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  const place = (value: number, index: number) => {
    const x = 2 + (width - 8) * index / (values.length - 1);
    const y = height - 4 - (height - 8) * (value - least) / (most - least || 1);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  const points = logs.map(place);
  const [x = "0", y = "0"] = points.at(-1)?.split(",") ?? [];
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <polyline points={points.join(" ")} />
      <circle cx={x} cy={y} r="2" />
    </svg>
  );
}
