"use strict";
/* Pictures of the first pages: scores, amounts and stacked shares, as bars with their labels on them. */
(() => {
  const { drawn, drawAll, bars, base, widthOf, FONT, BANDS, colors } = window.dscrCharts;
  const WORDS = { top: BANDS[4], lower: BANDS[2], none: colors.LINE };
  const narrow = (width) => width < 460;

  drawn.scores = (data, width) => {
    const text = (row) => (narrow(width) ? row.short : row.text);
    const room = Math.max(...data.rows.map((row) => widthOf(text(row)))) + 14;
    const picture = bars(data.rows, width, [{
      type: "bar", silent: true, barWidth: "62%",
      data: data.rows.map((row) => ({
        value: row.value, itemStyle: { color: BANDS[row.band] },
        label: { ...FONT, show: true, position: "right", formatter: text(row) },
      })),
    }], 100);
    picture.grid.right = room;
    return picture;
  };

  drawn.amounts = (data, width) => {
    const picture = bars(data.rows, width, [{
      type: "bar", silent: true, barWidth: "62%", itemStyle: { color: colors.ACCENT },
      data: data.rows.map((row) => ({
        value: row.value, label: { ...FONT, show: true, position: "right", formatter: row.text },
      })),
    }], undefined);
    picture.grid.right = Math.max(...data.rows.map((row) => widthOf(row.text))) + 14;
    return picture;
  };

  /** One full bar a list under its name; what a part means stands in it, its number where the words do not fit, and
      under it where not even the number does. */
  drawn.coverage = (data, width) => {
    const label = (part) => {
      const full = `${part.count} ${part.word}`, room = part.share * width - 12, inside = widthOf(String(part.count)) < room;
      return { text: widthOf(full) < room ? full : String(part.count), position: inside ? "insideLeft" : "bottom" };
    };
    const parts = Object.keys(WORDS).map((level, place) => ({
      type: "bar", stack: "all", silent: true, barWidth: 30,
      data: data.rows.map((row) => {
        const part = row.parts[place], { text, position } = label(part);
        return {
          value: part.share, itemStyle: { color: WORDS[level], borderColor: "#fff", borderWidth: 1 },
          label: {
            ...FONT, show: part.count > 0, position, formatter: text, distance: position === "bottom" ? 3 : 5,
            color: level === "top" && position !== "bottom" ? "#fff" : colors.INK,
          },
        };
      }),
    }));
    return {
      ...base,
      grid: { left: 0, right: 0, top: 14, bottom: 4, outerBoundsMode: "none" },
      xAxis: { type: "value", min: 0, max: 1, show: false },
      yAxis: {
        type: "category", inverse: true, data: data.rows.map((row) => row.label),
        axisLine: { show: false }, axisTick: { show: false },
        axisLabel: { ...FONT, inside: true, align: "left", verticalAlign: "bottom", padding: [0, 0, 20, -8], fontWeight: 600 },
        z: 5,
      },
      series: parts,
    };
  };

  drawAll();
})();
