/** The graph as SVG text: names are escaped, so that a hostile one stays text. */
import type { StateStatus } from '../../../src/history/state-status.ts'
import type { VisitStatus } from '../../../src/history/visits.ts'
import { type Layout, pathAlong, type PlacedNode, type Route, shownLabel } from '../model/layout.ts'
import { IDLE_COLOUR, nodeColour, SIGN_PATHS } from './node-colour.ts'

const NAME_MAX = 40

interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export function drawSvg(layout: Layout, statuses: ReadonlyMap<string, StateStatus>): string {
  const rects = rectsOf(layout)
  const boxes = layout.nodes.flatMap(({ node }) => {
    const rect = rects.get(node.id)
    return rect ? [drawNode(rect, node, statuses.get(node.name)?.status)] : []
  })
  const isDown = isDrawnDown(layout, rects)
  const lines = layout.edges.flatMap(({ from, to, label }, index) => {
    const route = layout.routes.get(index)
    if (route) return [drawRoute(route, label)]
    const [start, end] = [rects.get(from), rects.get(to)]
    return start && end
      ? [`<path d="${wayBetween(start, end, isDown)}" fill="none" stroke="${IDLE_COLOUR}" marker-end="url(#tip)"/>`]
      : []
  })
  const tip = `<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="${IDLE_COLOUR}"/></marker></defs>`
  const { width, height } = layout
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">${tip}<rect width="100%" height="100%" fill="#fff"/>${lines.join('')}${boxes.join('')}</svg>`
}

function drawRoute({ points, label: at }: Route, label: string | undefined): string {
  const line = `<path d="${pathAlong(points)}" fill="none" stroke="${IDLE_COLOUR}" marker-end="url(#tip)"/>`
  if (!at || label === undefined) return line
  return `${line}<text x="${at.x}" y="${at.y + 4}" text-anchor="middle" font-size="11" stroke="#fff" stroke-width="4" paint-order="stroke">${escapeText(shownLabel(label))}</text>`
}

function drawNode(
  { x, y, width, height }: Rect,
  { name, kind, type }: PlacedNode['node'],
  status: VisitStatus | undefined,
): string {
  const colour = nodeColour(status)
  const shown = escapeText(name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 1)}…` : name)
  const label =
    kind === 'state'
      ? `<text x="${x + 12}" y="${y + 22}" font-weight="600">${shown}</text><text x="${x + 12}" y="${y + 39}" font-size="11" fill="#5b6570">${escapeText(type ?? '')}</text>`
      : `<text x="${x + width / 2}" y="${y + height / 2 + 4}" text-anchor="middle">${shown}</text>`
  const sign =
    status && kind === 'state'
      ? `<path transform="translate(${x + width - 22} ${y + 6})" d="${SIGN_PATHS[status]}" fill="none" stroke="${colour}" stroke-width="2"/>`
      : ''
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${kind === 'state' ? 10 : 15}" fill="${colour}" fill-opacity="0.08" stroke="${colour}" stroke-width="2"/>${label}${sign}`
}

/** Places on the whole drawing; in the layout they are relative to the container. */
function rectsOf({ nodes }: Layout): ReadonlyMap<string, Rect> {
  const rects = new Map<string, Rect>()
  for (const { node, parent, x, y, width, height } of nodes) {
    // Containers come before what they hold.
    const around = parent === undefined ? undefined : rects.get(parent)
    rects.set(node.id, { x: x + (around?.x ?? 0), y: y + (around?.y ?? 0), width, height })
  }
  return rects
}

/** By its first edge: from the start to the first state. */
function isDrawnDown({ edges }: Layout, rects: ReadonlyMap<string, Rect>): boolean {
  const first = edges.find(({ kind }) => kind === 'start')
  const [start, state] = [rects.get(first?.from ?? ''), rects.get(first?.to ?? '')]
  return !start || !state || state.y >= start.y + start.height
}

function wayBetween(start: Rect, end: Rect, isDown: boolean): string {
  if (isDown) {
    const [x1, y1, x2, y2] = [start.x + start.width / 2, start.y + start.height, end.x + end.width / 2, end.y]
    return `M${x1} ${y1}C${x1} ${(y1 + y2) / 2} ${x2} ${(y1 + y2) / 2} ${x2} ${y2}`
  }
  const [x1, y1, x2, y2] = [start.x + start.width, start.y + start.height / 2, end.x, end.y + end.height / 2]
  return `M${x1} ${y1}C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`
}

/** Characters that XML cannot hold are left out. */
const escapeText = (text: string) =>
  text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
