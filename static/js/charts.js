"use strict";
/* Draws the pictures of a page from the JSON beside them, as SVG. Every picture's figures stand in a table below it. */
(() => {
  const INK = "#1b1b1b", SOFT = "#565c65", LINE = "#dfe1e2", ACCENT = "#1a5fb4", DARK = "#0b3d78", GRAY = "#a9aeb1";
  const BANDS = { 5: "#123f77", 4: "#2a68b3", 3: "#6a9fd6", 2: "#a6c8e8", 1: "#d3e3f4" };
  const GROUND = { 5: "#e3edf8", 4: "#edf3fa", 3: "#f4f8fc", 2: "#f8fafd", 1: "#fbfcfe" };
  const FONT = { fontFamily: "Source Sans Pro Web, Helvetica Neue, Helvetica, Arial, sans-serif", fontSize: 14, color: INK };
  const base = { animation: false, textStyle: FONT, tooltip: { show: false } };
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  let pencil = null;
  const widthOf = (text, weight = 400) => {
    pencil ??= document.createElement("canvas").getContext("2d");
    pencil.font = `${weight} ${FONT.fontSize}px Source Sans Pro Web, Helvetica, Arial, sans-serif`;
    return pencil.measureText(text).width;
  };

  /** Bars with their names on the left edge; `bars` are series. */
  const bars = (rows, width, series, most) => {
    const left = Math.min(Math.max(...rows.map((row) => widthOf(row.label, 600))) + 16, width * 0.42);
    return {
      ...base,
      grid: { left, right: 44, top: 4, bottom: 4 },
      xAxis: { type: "value", min: 0, max: most, show: false },
      yAxis: {
        type: "category", inverse: true, data: rows.map((row) => row.label),
        axisLine: { show: false }, axisTick: { show: false },
        axisLabel: {
          ...FONT, align: "left", margin: left, width: left - 12, overflow: "break", lineHeight: 16, interval: 0,
          formatter: (text) => (text === "Score" ? `{b|${text}}` : text), rich: { b: { ...FONT, fontWeight: 700 } },
        },
      },
      series,
    };
  };

  const waterfall = (data, width) => {
    const color = { possible: LINE, loss: ACCENT, score: DARK };
    return bars(data.rows, width, [
      { type: "bar", stack: "fall", silent: true, itemStyle: { color: "transparent" }, data: data.rows.map((row) => row.from) },
      {
        type: "bar", stack: "fall", silent: true, barWidth: "62%", barMinHeight: 2,
        data: data.rows.map((row) => ({
          value: row.to - row.from,
          itemStyle: { color: color[row.kind] },
          label: {
            ...FONT, show: true, formatter: row.text, distance: 6,
            position: row.kind === "loss" && row.from > 12 ? "left" : "right",
            fontWeight: row.kind === "loss" ? 400 : 700,
          },
        })),
      },
    ], 100);
  };

  const standings = (data, width) => bars(data.rows, width, [{
    type: "bar", silent: true, barWidth: "62%",
    data: data.rows.map((row) => ({
      value: row.count,
      itemStyle: { color: row.band ? BANDS[row.band] : GRAY },
      label: { ...FONT, show: true, position: "right", formatter: row.count.toLocaleString("en-US") },
    })),
  }], undefined);

  /** Which causes are written beside their marks, and where: the weightiest first, each in the first place that is free. */
  const tell = (points, marks, x, y, frame, now, most) => {
    const last = points[points.length - 1];
    const steps = points.map((point, place) => ({ y: y(point.score), x1: x(point.at), x2: x(points[place + 1]?.at ?? now) }));
    const taken = last.score === null ? [] : [box(x(now), y(last.score), 40, "right", last.score > 60 ? "bottom" : "top")];
    const told = new Map();
    for (const mark of marks.filter((each) => each.weight >= 1).sort((a, b) => b.weight - a.weight)) {
      if (told.size === most) break;
      const wide = Math.min(widthOf(mark.cause), (frame.right - frame.left) * 0.6);
      const sides = mark.rises ? ["top", "bottom"] : ["bottom", "top"];
      const places = sides.flatMap((position) => ["right", "left", "center"].map((align) => ({ position, align, wide })));
      const free = places.find(({ position, align }) => {
        const at = box(x(mark.at), y(mark.score), wide, align, position);
        const inside = at.x1 >= frame.left && at.x2 <= frame.right && at.y1 >= frame.top && at.y2 <= frame.bottom;
        const clear = steps.every((step) => step.x2 < at.x1 || step.x1 > at.x2 || step.y < at.y1 + 3 || step.y > at.y2 - 3);
        return inside && clear && taken.every((other) => at.x2 < other.x1 || at.x1 > other.x2 || at.y2 < other.y1 || at.y1 > other.y2);
      });
      if (!free) continue;
      taken.push(box(x(mark.at), y(mark.score), wide, free.align, free.position));
      told.set(mark, free);
    }
    return told;
  };
  const box = (x, y, wide, align, position) => {
    const x1 = { left: x, right: x - wide, center: x - wide / 2 }[align];
    const y1 = position === "top" ? y - 30 : y + 8;
    return { x1, x2: x1 + wide, y1, y2: y1 + 22 };
  };

  const history = (data, width, height) => {
    const first = data.points[0].at, last = data.points[data.points.length - 1];
    const start = Math.min(first, data.now - 86400000), span = data.now - start;
    const label = (text) => (width < 420 ? text.replace("Very", "V.").replace("Moderate", "Mod.") : text);
    const left = Math.max(...data.bands.map((band) => widthOf(label(band.label)))) + 12;
    const marks = data.points.filter((point) => point.cause && point.score !== null);
    const x = (at) => left + ((at - start) / span) * (width - left - 16);
    const y = (score) => 10 + (1 - score / 100) * (height - 36);
    const told = tell(data.points, marks, x, y, { left, right: width - 16, top: 4, bottom: height - 30 }, data.now, width < 420 ? 2 : 4);
    const middle = (band) => (band.from + band.to) / 2;
    const gaps = [];
    data.points.forEach((point, place) => {
      if (point.score !== null) return;
      const end = data.points[place + 1]?.at ?? data.now, before = gaps[gaps.length - 1];
      if (before?.end === point.at) Object.assign(before, { end, status: point.status });
      else gaps.push({ at: point.at, end, status: point.status });
    });
    return {
      ...base,
      grid: { left, right: 16, top: 10, bottom: 26 },
      xAxis: {
        type: "time", min: start, max: data.now, axisLine: { lineStyle: { color: LINE } }, axisTick: { show: false },
        splitLine: { show: false }, splitNumber: width < 420 ? 2 : 4,
        axisLabel: { ...FONT, color: SOFT, fontSize: 13, hideOverlap: true },
      },
      yAxis: {
        type: "value", min: 0, max: 100, axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false },
        axisLabel: {
          ...FONT, color: SOFT, fontSize: 13, align: "left", margin: left - 2, customValues: data.bands.map(middle),
          formatter: (value) => label(data.bands.find((band) => middle(band) === value)?.label ?? ""),
        },
      },
      series: [
        {
          type: "line", step: "end", silent: true, showSymbol: false, connectNulls: false,
          lineStyle: { color: DARK, width: 2.5 },
          data: [...data.points.map((point) => [point.at, point.score]), [data.now, last.score]],
          markArea: {
            silent: true,
            data: [
              ...data.bands.map((band) => [{ yAxis: band.from, itemStyle: { color: GROUND[band.number] } }, { yAxis: band.to }]),
              ...gaps.map((gap) => [
                {
                  xAxis: gap.at, itemStyle: { color: "rgba(169,174,177,0.35)" },
                  label: {
                    ...FONT, color: SOFT, fontSize: 13, position: "insideBottomLeft",
                    width: x(gap.end) - x(gap.at) - 10, overflow: "break",
                    formatter: x(gap.end) - x(gap.at) > 76 ? gap.status : "",
                  },
                },
                { xAxis: gap.end },
              ]),
            ],
          },
        },
        {
          type: "scatter", silent: true, symbolSize: 9, itemStyle: { color: "#fff", borderColor: DARK, borderWidth: 2 },
          data: marks.map((point) => ({
            value: [point.at, point.score],
            label: {
              ...FONT, fontSize: 13, show: told.has(point), formatter: point.cause, distance: 8,
              width: told.get(point)?.wide, overflow: "truncate",
              position: told.get(point)?.position ?? "top", align: told.get(point)?.align,
              textBorderColor: "#fff", textBorderWidth: 3,
            },
          })),
        },
        {
          type: "scatter", silent: true, symbolSize: 10, itemStyle: { color: DARK }, z: 5,
          data: last.score === null ? [] : [{
            value: [data.now, last.score],
            label: {
              ...FONT, show: true, fontWeight: 700, formatter: last.score.toFixed(1), position: last.score > 60 ? "bottom" : "top",
              align: "right", distance: 9, textBorderColor: "#fff", textBorderWidth: 3,
            },
          }],
        },
      ],
    };
  };

  /** Where each label goes: the lowest row in which it touches no other; none where all rows are full. */
  const levels = (products, scale, width, most) => {
    const rows = Array.from({ length: most }, () => []);
    return products.map((product) => {
      const text = product.own ? `this product ${product.text}` : `${product.label} ${product.text}`;
      const size = widthOf(text, product.own ? 700 : 400) + 10;
      const x = clamp(scale(product.score), size / 2, width - size / 2);
      const level = rows.findIndex((row) => row.every(([from, to]) => x + size / 2 < from || x - size / 2 > to));
      if (level >= 0) rows[level].push([x - size / 2, x + size / 2]);
      return { ...product, text, x, level };
    });
  };

  const peers = (data, width, height) => {
    const side = 12, bottom = 30, line = height - bottom;
    const scale = (score) => side + (score / 100) * (width - 2 * side);
    const cuts = data.bands.map((band) => band.from).filter((cut) => cut > 0);
    const own = data.products.find((product) => product.own)?.score ?? 100;
    const ends = new Set([data.products[0], data.products[data.products.length - 1]]);
    const ordered = [...data.products].sort( // named first: this one, the best and the last, then the nearest
      (a, b) => b.own - a.own || ends.has(b) - ends.has(a) || Math.abs(a.score - own) - Math.abs(b.score - own),
    );
    const placed = levels(ordered, scale, width, width < 420 ? 4 : 5);
    const at = (level) => line - 30 - level * 20;
    const draw = (item) => ({
      type: "group",
      children: [
        ...(item.level < 0 ? [] : [
          {
            type: "line", shape: { x1: scale(item.score), y1: line, x2: scale(item.score), y2: at(item.level) + 10 },
            style: { stroke: item.own ? ACCENT : GRAY }, z2: 1,
          },
          {
            type: "text", x: item.x, y: at(item.level), z2: 5,
            style: {
              text: item.text, align: "center", verticalAlign: "middle", fill: item.own ? INK : SOFT, stroke: "#fff", lineWidth: 5,
              font: `${item.own ? 700 : 400} ${FONT.fontSize}px ${FONT.fontFamily}`,
            },
          },
        ]),
        {
          type: "circle", z2: 10, shape: { cx: scale(item.score), cy: line, r: item.own ? 9 : 5.5 },
          style: { fill: item.own ? ACCENT : SOFT, stroke: "#fff", lineWidth: 1.5 },
        },
      ],
    });
    return {
      ...base,
      grid: { left: side, right: side, top: 6, bottom },
      xAxis: {
        type: "value", min: 0, max: 100, axisTick: { show: false }, axisLine: { lineStyle: { color: GRAY } },
        axisLabel: { ...FONT, color: SOFT, fontSize: 13, customValues: [0, ...cuts, 100] }, splitLine: { show: false },
      },
      yAxis: { type: "value", min: 0, max: 1, show: false },
      series: [{
        type: "custom", silent: true, clip: false, data: placed.map((_, place) => [0, 0, place]),
        renderItem: (_, api) => draw(placed[placed.length - 1 - api.value(2)]),
        markLine: {
          z: 0, silent: true, symbol: "none", label: { show: false }, lineStyle: { color: LINE, type: "solid" },
          data: cuts.map((cut) => ({ xAxis: cut })),
        },
      }],
    };
  };

  const drawn = { waterfall, standings, history, peers };
  const draw = (place) => {
    const source = document.getElementById(place.dataset.source);
    if (!source || !place.clientWidth) return;
    const chart = echarts.getInstanceByDom(place) ?? echarts.init(place, null, { renderer: "svg" });
    chart.resize();
    chart.setOption(drawn[place.dataset.chart](JSON.parse(source.textContent), place.clientWidth, place.clientHeight), true);
  };
  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);

  document.documentElement.classList.add("js");
  window.dscrCharts = { drawAll };
  drawAll();
  document.fonts?.ready.then(drawAll);
  let waiting = null;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 100);
  });
})();
