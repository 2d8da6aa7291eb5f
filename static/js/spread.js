"use strict";
/* The portfolio's picture: a point a product, the score to the right, how much is known upward. Names stand beside the
   points where there is room; under the pointer each point says which it is. */
(() => {
  const { drawn, drawAll, base, FONT, BANDS, colors } = window.dscrCharts;
  drawn.spread = (data, width) => ({
    ...base,
    grid: { left: 46, right: 16, top: 34, bottom: 44 },
    tooltip: {
      trigger: "item", renderMode: "richText", confine: true, textStyle: { ...FONT, fontSize: 14, color: colors.INK },
      formatter: ({ data: point }) => point.text,
    },
    xAxis: {
      type: "value", min: 0, max: 100, name: "Score", nameLocation: "middle", nameGap: 26, nameTextStyle: FONT,
      axisLabel: {
        ...FONT, color: colors.SOFT, fontSize: 13,
        customValues: [0, ...data.bands.map((band) => band.from).filter((cut) => cut > 0), 100],
      },
      splitLine: { show: false }, axisTick: { show: false }, axisLine: { lineStyle: { color: colors.GRAY } },
    },
    yAxis: {
      type: "value", min: Math.floor(data.floor / 10) * 10, max: 100, interval: width < 420 ? 20 : 10,
      name: "Known of what applies", nameLocation: "end", nameGap: 14,
      nameTextStyle: { ...FONT, align: "left", padding: [0, 0, 0, -40] },
      axisLabel: { ...FONT, color: colors.SOFT, fontSize: 13, formatter: (value) => `${value}%` },
      splitLine: { lineStyle: { color: colors.LINE } },
    },
    series: [{
      type: "scatter", symbolSize: data.products.length > 100 ? 8 : 12, clip: false,
      data: data.products.map((item) => ({
        value: [item.score, item.coverage], name: item.name, text: item.text,
        itemStyle: { color: BANDS[item.band], borderColor: colors.DARK, borderWidth: 1 },
      })),
      label: { ...FONT, show: true, position: "top", formatter: "{b}", color: colors.INK, fontSize: 13 },
      labelLayout: { hideOverlap: true },
      markLine: {
        silent: true, symbol: "none", label: { show: false }, lineStyle: { color: colors.LINE, type: "solid" },
        data: data.bands.map((band) => band.from).filter((cut) => cut > 0).map((cut) => ({ xAxis: cut })),
      },
    }],
  });
  drawAll();
})();
