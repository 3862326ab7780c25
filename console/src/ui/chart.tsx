/** A chart over time with uPlot, and the same numbers as a table for whoever would rather read. */
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

import { type Language, useMessages } from '../messages/messages.tsx'
import { useTheme } from './theme.ts'
import { showTime } from './time.ts'

export interface Line {
  readonly label: string
  /** Name of a colour among the page's own: `succeeded`. */
  readonly colour: string
  readonly values: readonly (number | undefined)[]
}

interface ChartProps {
  readonly label: string
  /** Epoch seconds. */
  readonly at: readonly number[]
  readonly lines: readonly Line[]
  readonly kind: 'bars' | 'lines'
  readonly show: (value: number) => string
}

const HEIGHT_PX = 220

export default function Chart({ label, at, lines, kind, show }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const { t, language } = useMessages()
  const [theme] = useTheme()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read from the page
  useEffect(() => {
    const holder = place.current
    if (!holder) return
    const colourOf = (name: string) => getComputedStyle(holder).getPropertyValue(`--${name}`).trim()
    const axis = { stroke: colourOf('ink'), grid: { stroke: colourOf('line'), width: 1 }, ticks: { stroke: colourOf('line') } }
    const bars = uPlot.paths.bars?.({ size: [0.7, 40] })
    const chart = new uPlot(
      {
        width: holder.clientWidth,
        height: HEIGHT_PX,
        cursor: { drag: { x: false, y: false } },
        series: [
          { label: t('time'), value: (_: uPlot, value: number | null) => (value === null ? '–' : showTime(value, language)) },
          ...lines.map(({ label, colour }) => ({
            label,
            stroke: colourOf(colour),
            width: 2,
            spanGaps: true,
            points: { show: at.length < 60 },
            ...(kind === 'bars' && bars && { fill: colourOf(colour), paths: bars, points: { show: false } }),
            value: (_: uPlot, value: number | null) => (value === null ? '–' : show(value)),
          })),
        ],
        axes: [
          { ...axis, values: (_: uPlot, values: number[]) => values.map((value) => showTick(value, spanOf(at), language)) },
          { ...axis, size: 70, values: (_: uPlot, values: number[]) => values.map(show) },
        ],
        scales: { y: { range: (_: uPlot, __: number, most: number) => [0, Math.max(most * 1.1, Number.MIN_VALUE)] } },
      },
      [[...at], ...lines.map(({ values }) => values.map((value) => value ?? null))],
      holder,
    )
    const watching = new ResizeObserver(() => chart.setSize({ width: holder.clientWidth, height: HEIGHT_PX }))
    watching.observe(holder)
    return () => {
      watching.disconnect()
      chart.destroy()
    }
  }, [at, lines, kind, show, theme, t, language])
  return <div className="chart" role="img" aria-label={label} ref={place} />
}

const DAYS_2_S = 172_800
const spanOf = (at: readonly number[]): number => (at.at(-1) ?? 0) - (at[0] ?? 0)

/** Hours where they matter, days where they do not. */
function showTick(seconds: number, span: number, language: Language): string {
  const format =
    span < DAYS_2_S ? ({ hour: '2-digit', minute: '2-digit' } as const) : ({ day: 'numeric', month: 'short' } as const)
  return new Date(seconds * 1_000).toLocaleString(language, format)
}
