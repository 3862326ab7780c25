/** A graph as an SVG picture of its own: no script, no style sheet, nothing from elsewhere. */
import type { Graph, GraphEdge, GraphNode } from '../asl/graph.ts'

import { type Box, layOutGraph, type Point, type Route } from './layout.ts'
import { shortened, shownLabel } from './parts.ts'

const LINE = '#8c8c94'
const INK = '#1b1f24'
const QUIET = '#5b6570'
const COLOURS: Readonly<Record<string, string>> = {
  Task: '#0b5cad',
  Choice: '#8a5a00',
  Map: '#6b3fa0',
  Parallel: '#6b3fa0',
  Wait: '#5b6570',
  Pass: '#5b6570',
  Succeed: '#00702f',
  Fail: '#c8102e',
}

/** `#rrggbb`. */
export interface Painted {
  readonly line: string
  readonly fill: string
}

/** Colours of a caller's own; what it has none for looks as ever. */
export interface Paint {
  ofNode(node: GraphNode): Painted | undefined
  ofEdge(edge: GraphEdge): Pick<Painted, 'line'> | undefined
}

const UNPAINTED: Paint = { ofNode: () => undefined, ofEdge: () => undefined }

export function svgOf(graph: Graph, paint = UNPAINTED): string {
  const { width, height, boxes, routes } = layOutGraph(graph)
  const [w, h] = [Math.ceil(width), Math.ceil(height)]
  const colours = new Set([LINE, ...routes.map(({ edge }) => paint.ofEdge(edge)?.line ?? LINE)])
  const tip = `<defs>${[...colours].map(drawTip).join('')}</defs>`
  const draw = (box: Box) => drawBox(box, paint.ofNode(box.node))
  // Containers lie below the lines within them.
  const grounds = boxes.filter(({ isContainer }) => isContainer).map(draw)
  const states = boxes.filter(({ isContainer }) => !isContainer).map(draw)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="13">`,
    tip,
    `<rect width="${w}" height="${h}" fill="#fff"/>`,
    ...grounds,
    ...routes.map((route) => drawLine(route, paint.ofEdge(route.edge)?.line ?? LINE)),
    ...states,
    ...routes.flatMap(drawLabel),
    '</svg>',
    '',
  ].join('\n')
}

const tipOf = (colour: string): string => (colour === LINE ? 'tip' : `tip-${colour.slice(1)}`)

const drawTip = (colour: string): string =>
  `<marker id="${tipOf(colour)}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="${colour}"/></marker>`

function drawBox({ node, x, y, width, height }: Box, painted: Painted | undefined): string {
  const { kind, name, type } = node
  const colour = painted?.line ?? (type && COLOURS[type]) ?? LINE
  const frame = `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" rx="${kind === 'state' ? 8 : 15}" fill="${painted?.fill ?? '#fff'}" stroke="${colour}" stroke-width="1.5"/>`
  if (kind !== 'state')
    return `${frame}<text x="${px(x + width / 2)}" y="${px(y + height / 2 + 4)}" text-anchor="middle" fill="${INK}">${escapeXml(name)}</text>`
  const shown = escapeXml(shortened(name, Math.floor((width - 24) / 7)))
  const under = escapeXml(shortened(described(node), Math.floor((width - 24) / 6)))
  return `${frame}<text x="${px(x + 12)}" y="${px(y + 22)}" font-weight="600" fill="${INK}">${shown}</text><text x="${px(x + 12)}" y="${px(y + 39)}" font-size="11" fill="${colour}">${under}</text><title>${escapeXml(name)}</title>`
}

const described = ({ type, resource }: GraphNode): string =>
  [type, resource].filter((part) => part !== undefined && part !== '').join(' · ')

function drawLine({ edge, points }: Route, colour: string): string {
  const dashes = edge.kind === 'catch' ? ' stroke-dasharray="5 4"' : ''
  const path = edge.from === edge.to ? straight(points) : curved(points)
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.5"${dashes} marker-end="url(#${tipOf(colour)})"/>`
}

function drawLabel({ edge: { label }, label: at }: Route): string[] {
  if (label === undefined || at === undefined) return []
  return [
    `<text x="${px(at.x)}" y="${px(at.y + 4)}" text-anchor="middle" font-size="11" fill="${QUIET}" stroke="#fff" stroke-width="4" paint-order="stroke">${escapeXml(shownLabel(label))}</text>`,
  ]
}

const straight = (points: readonly Point[]): string =>
  points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${px(x)} ${px(y)}`).join('')

/** Upright at each point, bent between them. */
function curved([first, ...rest]: readonly Point[]): string {
  if (!first) return ''
  let from = first
  const pieces = rest.map((to) => {
    const middle = px((from.y + to.y) / 2)
    const piece =
      px(from.x) === px(to.x)
        ? `L${px(to.x)} ${px(to.y)}`
        : `C${px(from.x)} ${middle} ${px(to.x)} ${middle} ${px(to.x)} ${px(to.y)}`
    from = to
    return piece
  })
  return `M${px(first.x)} ${px(first.y)}${pieces.join('')}`
}

const px = (value: number): string => String(Math.round(value * 10) / 10)

/** Characters that XML cannot hold are left out. */
const escapeXml = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
