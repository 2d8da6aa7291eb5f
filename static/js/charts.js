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

  /** Broken between words where a line would be wider than `room`. */
  const wrapped = (text, room, weight) => text.split(" ").reduce((lines, word) => {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    return widthOf(longer, weight) <= room ? [...lines.slice(0, -1), longer] : [...lines, word];
  }, [""]).filter(Boolean).join("\n");

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
          formatter: (text) => (text === "Score" ? `{b|${text}}` : wrapped(text, left - 12)), rich: { b: { ...FONT, fontWeight: 700 } },
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

  /** Where a text may stand beside a mark: the nearest first, and never outside the frame. */
  const boxesBeside = (x, y, wide, sides, frame) => [0, 22, 44, 66, 88, 110, 132].flatMap((away) => sides.flatMap((side) =>
    [x, x - wide, x - wide / 2].map((edge) => {
      const x1 = clamp(edge, frame.left, frame.right - wide);
      const y1 = side === "top" ? y - away - 30 : y + away + 8;
      const leader = side === "top" ? { x1: x, x2: x, y1: y1 + 19, y2: y - 6 } : { x1: x, x2: x, y1: y + 6, y2: y1 + 2 };
      return { x1, x2: x1 + wide, y1, y2: y1 + 22, away, leader };
    })));
  const touch = (a, b) => a.x1 <= b.x2 && b.x1 <= a.x2 && a.y1 <= b.y2 && b.y1 <= a.y2;

  /** Writes texts beside their marks, each in the first free place; one that must stand takes the nearest if none is free. */
  const tell = (items, taken, frame) => items.flatMap((item) => {
    const wide = Math.min(widthOf(item.text), frame.right - frame.left);
    const places = item.xs.flatMap((x) => boxesBeside(x, item.y, wide, item.sides, frame))
      .filter((place) => place.y1 >= frame.top && place.y2 <= frame.bottom).sort((a, b) => a.away - b.away);
    const leads = (place) => !item.inside && (item.leads || place.away > 0); // a time's own text stands in it
    const open = places.filter((place) => !taken.some((other) => touch(place, other)));
    const clear = open.find((place) => !leads(place) || !taken.some((other) => touch(place.leader, other)));
    const at = clear ?? (item.must ? open[0] ?? places[0] : null);
    if (!at) return [];
    taken.push(at);
    const text = {
      type: "text", z: 6, silent: true, x: at.x1, y: at.y1 + 3,
      style: {
        text: item.text, width: wide + 2, overflow: "truncate", fill: item.color ?? INK, stroke: "#fff", lineWidth: 3,
        font: `400 13px ${FONT.fontFamily}`,
      },
    };
    const leader = { type: "line", z: 4, silent: true, shape: at.leader, style: { stroke: SOFT } };
    return leads(at) ? [leader, text] : [text];
  });

  /** The line itself, which no text may cover: its steps, what joins them, and its marks. */
  const lineBoxes = (points, x, y, now) => points.flatMap((point, place) => {
    if (point.score === null) return [];
    const at = x(point.at), high = y(point.score), before = points[place - 1];
    const boxes = [{ x1: at, x2: x(points[place + 1]?.at ?? now), y1: high - 2, y2: high + 2 }];
    if (point.cause) boxes.push({ x1: at - 5, x2: at + 5, y1: high - 5, y2: high + 5 });
    if (before && before.score !== null) {
      boxes.push({ x1: at - 1, x2: at + 1, y1: Math.min(high, y(before.score)), y2: Math.max(high, y(before.score)) });
    }
    return boxes;
  });

  /** Times without a score; those that follow each other with one status are one. */
  const gapsOf = (points, now) => {
    const gaps = [];
    points.forEach((point, place) => {
      if (point.score !== null) return;
      const end = points[place + 1]?.at ?? now, before = gaps[gaps.length - 1];
      if (before?.end === point.at && before.status === point.status) before.end = end;
      else gaps.push({ at: point.at, end, status: point.status });
    });
    return gaps;
  };

  /** What is written into the history: what the sentence names first, every time without a score, the weightiest others. */
  const historyTexts = (data, marks, gaps, x, y, frame, most) => {
    const last = data.points[data.points.length - 1], end = x(data.now);
    const taken = lineBoxes(data.points, x, y, data.now);
    if (last.score !== null) {
      const high = y(last.score), y1 = last.score > 60 ? high + 4 : high - 30;
      taken.push({ x1: end - 44, x2: end + 8, y1, y2: y1 + 26 });
    }
    const item = (mark) => ({
      text: mark.cause, xs: [x(mark.at)], y: y(mark.score), sides: mark.rises ? ["top", "bottom"] : ["bottom", "top"],
      must: mark.named, leads: mark.named,
    });
    const others = marks.filter((mark) => !mark.named && mark.weight >= 1).sort((a, b) => b.weight - a.weight);
    const named = tell(marks.filter((mark) => mark.named).map(item), taken, frame);
    const statuses = tell(gaps.map((gap) => ({
      text: gap.status, xs: [0.5, 0.8, 0.2].map((part) => x(gap.at) + (x(gap.end) - x(gap.at)) * part), y: frame.bottom + 8, sides: ["top"], must: true, inside: true, color: SOFT,
    })), taken, { ...frame, bottom: frame.bottom + 2 });
    return [...named, ...statuses, ...tell(others.slice(0, most - 1).map(item), taken, frame)];
  };

  const history = (data, width, height) => {
    const first = data.points[0].at, last = data.points[data.points.length - 1];
    const start = Math.min(first, data.now - 86400000), span = data.now - start;
    const label = (text) => (width < 420 ? text.replace("Very", "V.").replace("Moderate", "Mod.") : text);
    const left = Math.max(...data.bands.map((band) => widthOf(label(band.label)))) + 12;
    const marks = data.points.filter((point) => point.cause && point.score !== null);
    const x = (at) => left + ((at - start) / span) * (width - left - 16);
    const y = (score) => 10 + (1 - score / 100) * (height - 36);
    const middle = (band) => (band.from + band.to) / 2;
    const gaps = gapsOf(data.points, data.now);
    const frame = { left, right: width - 16, top: 4, bottom: height - 28 };
    return {
      ...base,
      graphic: historyTexts(data, marks, gaps, x, y, frame, width < 420 ? 2 : 4),
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
                { xAxis: gap.at, itemStyle: { color: "rgba(169,174,177,0.35)" } },
                { xAxis: gap.end },
              ]),
            ],
          },
        },
        {
          type: "scatter", silent: true, symbolSize: 9, itemStyle: { color: "#fff", borderColor: DARK, borderWidth: 2 },
          data: marks.map((point) => [point.at, point.score]),
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
    document.getElementById("peers-unnamed")?.toggleAttribute("hidden", placed.every((item) => item.level >= 0));
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

  let waiting = null;
  const drawSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(drawAll, 100);
  };
  // A turned phone can lay the page out anew after its window's event: the place itself tells its width.
  const resized = new ResizeObserver((entries) => {
    if (entries.some(({ target }) => echarts.getInstanceByDom(target)?.getWidth() !== target.clientWidth)) drawSoon();
  });

  const drawn = { waterfall, standings, history, peers };
  const draw = (place) => {
    const source = document.getElementById(place.dataset.source);
    if (!source || !place.clientWidth || !drawn[place.dataset.chart]) return; // other files add kinds of their own
    const chart = echarts.getInstanceByDom(place) ?? echarts.init(place, null, { renderer: "svg" });
    chart.resize();
    resized.observe(place);
    chart.setOption(drawn[place.dataset.chart](JSON.parse(source.textContent), place.clientWidth, place.clientHeight), true);
  };
  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);

  document.documentElement.classList.add("js");
  window.dscrCharts = { drawAll, drawn, bars, base, widthOf, FONT, BANDS, colors: { INK, SOFT, LINE, ACCENT, DARK, GRAY } };
  drawAll();
  document.fonts?.ready.then(drawAll);
  window.addEventListener("resize", drawSoon);
})();
