"use strict";
/* The portfolio's picture: a point a product, the score to the right, how much is known upward. */
(() => {
  const { drawn, drawAll, base, FONT, BANDS, colors } = window.dscrCharts;
  drawn.spread = (data, width) => ({
    ...base,
    grid: { left: 46, right: 16, top: 12, bottom: 44 },
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
      axisLabel: { ...FONT, color: colors.SOFT, fontSize: 13, formatter: (value) => `${value} %` },
      splitLine: { lineStyle: { color: colors.LINE } },
    },
    series: [{
      type: "scatter", silent: true, symbolSize: data.products.length > 100 ? 8 : 12, clip: false,
      data: data.products.map((item) => ({
        value: [item.score, item.coverage],
        itemStyle: { color: BANDS[item.band], borderColor: colors.DARK, borderWidth: 1 },
      })),
      markLine: {
        silent: true, symbol: "none", label: { show: false }, lineStyle: { color: colors.LINE, type: "solid" },
        data: data.bands.map((band) => band.from).filter((cut) => cut > 0).map((cut) => ({ xAxis: cut })),
      },
    }],
  });
  drawAll();
})();
