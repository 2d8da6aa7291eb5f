"use strict";
/* The pictures of the method: weights, curves with their goalposts, steps, scales, two means, points lost. */
(() => {
  const { drawn, bars, base, widthOf, drawAll, FONT, BANDS, colors } = window.dscrCharts;
  const { SOFT, LINE, ACCENT, DARK, GRAY } = colors;
  const SMALL = { ...FONT, fontSize: 13, color: SOFT };

  const oneColor = (rows, width, most, color) => bars(rows, width, [{
    type: "bar", silent: true, barWidth: "58%", barMinHeight: 2, itemStyle: { color },
    data: rows.map((row) => ({ value: row.value, label: { ...FONT, show: true, position: "right", formatter: row.text } })),
  }], most);

  drawn.weights = (data, width) => oneColor(data.rows, width, undefined, ACCENT);
  drawn.steps = (data, width) => oneColor(data.rows, width, data.most, ACCENT);

  /** The labels at the foot, each goalpost its own, as many as fit without touching; the ends come first. */
  const fitting = (posts, x) => {
    const taken = [];
    const ordered = [posts[0], posts[posts.length - 1], ...posts.slice(1, -1)];
    return ordered.filter((post) => {
      const half = widthOf(post.label) / 2 + 3, at = x(post.value);
      if (taken.some(([from, to]) => at + half > from && at - half < to)) return false;
      taken.push([at - half, at + half]);
      return true;
    });
  };

  drawn.curve = (data, width) => {
    const left = 34, right = 22;
    const x = (value) => left + ((value - data.from) / (data.to - data.from)) * (width - left - right);
    const shown = fitting(data.posts, x);
    const named = new Map(shown.map((post) => [post.value, post.label]));
    const middle = (post) => post !== data.posts[0] && post !== data.posts[data.posts.length - 1];
    const rises = data.posts[data.posts.length - 1].points >= data.posts[0].points;
    return {
      ...base,
      grid: { left, right, top: 20, bottom: 24 },
      xAxis: {
        type: "value", min: data.from, max: data.to, axisLine: { lineStyle: { color: GRAY } }, splitLine: { show: false },
        axisTick: { show: true, customValues: data.posts.map((post) => post.value), lineStyle: { color: GRAY } },
        axisLabel: { ...SMALL, customValues: [...named.keys()], formatter: (value) => named.get(value) ?? "" },
      },
      yAxis: {
        type: "value", min: 0, max: 100, axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: LINE } },
        interval: 50, axisLabel: SMALL,
      },
      series: [
        { type: "line", silent: true, showSymbol: false, lineStyle: { color: DARK, width: 2.5 }, data: data.line },
        {
          type: "scatter", silent: true, clip: false, symbolSize: 9, z: 5, itemStyle: { color: "#fff", borderColor: DARK, borderWidth: 2 },
          data: data.posts.map((post) => ({
            value: [post.value, post.points],
            label: {
              ...FONT, fontSize: 13, fontWeight: 700, show: true, formatter: named.has(post.value) ? post.text : `${post.label}: ${post.text}`, distance: 5, textBorderColor: "#fff", textBorderWidth: 3,
              ...(named.has(post.value) ? { position: "top", offset: middle(post) ? [rises ? -9 : 9, 2] : [0, 0] } : { position: "left" }),
            },
          })),
        },
      ],
    };
  };

  drawn.scale = (data, width, height) => {
    const side = 12, foot = 22, x = (value) => side + (value / 100) * (width - 2 * side);
    const cuts = [...new Set(data.parts.flatMap((part) => [part.from, part.to]))];
    const light = (part) => part.number === null || part.number < 4;
    const fits = (part) => widthOf(part.label, 600) + 8 < x(part.to) - x(part.from);
    const rect = (part) => ({
      type: "rect", shape: { x: x(part.from), y: 4, width: x(part.to) - x(part.from), height: height - foot - 8 },
      style: { fill: part.number === null ? LINE : BANDS[part.number], stroke: "#fff" },
    });
    const words = (part) => ({
      type: "text", x: (x(part.from) + x(part.to)) / 2, y: 4 + (height - foot - 8) / 2, z: 3,
      style: {
        text: fits(part) ? part.label : part.label.replace("Moderate", "Mod.").replace(/ /g, "\n"), align: "center", verticalAlign: "middle",
        fill: light(part) ? "#1b1b1b" : "#fff", font: `600 ${fits(part) ? 14 : 12}px ${FONT.fontFamily}`, lineHeight: 15,
      },
    });
    const hatch = ([from, to]) => ({
      type: "rect", z: 2, shape: { x: x(from), y: 4, width: x(to) - x(from), height: height - foot - 8 },
      style: {
        fill: "rgba(255,255,255,0.25)", stroke: "#fff", lineDash: [3, 3],
      },
    });
    const foots = cuts.map((cut) => ({
      type: "text", x: x(cut), y: height - foot + 2,
      style: { text: `${cut}${data.unit}`, align: cut === 0 ? "left" : cut === 100 ? "right" : "center", fill: SOFT, font: `13px ${FONT.fontFamily}` },
    }));
    return { ...base, graphic: [...data.parts.map(rect), ...data.zones.map(hatch), ...data.parts.map(words), ...foots], series: [] };
  };

  drawn.losses = (data, width) => {
    const most = Math.max(...data.rows.flatMap((row) => [row.before ?? 0, row.after ?? 0]));
    const series = (name, color, weight) => ({
      type: "bar", silent: true, barWidth: data.moved ? "34%" : "56%", barGap: "12%", barMinHeight: 1, itemStyle: { color },
      data: data.rows.map((row) => ({
        value: row[name] ?? 0,
        label: { ...FONT, fontSize: 12, fontWeight: weight, show: row[name] !== null, position: "right", formatter: row[name] ? `−${row[name].toFixed(1)}` : "0" },
      })),
    });
    const shown = data.moved ? [series("before", GRAY, 400), series("after", ACCENT, 700)] : [series("after", ACCENT, 400)];
    return bars(data.rows, width, shown, most);
  };

  drawn.mean = (data, width) => bars(data.rows, width, [{
    type: "bar", silent: true, barWidth: "62%", barMinHeight: 2,
    data: data.rows.map((row) => ({
      value: row.value, itemStyle: { color: row.strong ? DARK : row.plain ? GRAY : BANDS[3] },
      label: { ...FONT, show: true, position: "right", fontWeight: row.strong ? 700 : 400, formatter: row.text },
    })),
  }], 100);

  drawAll();
})();
