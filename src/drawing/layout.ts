/**
 * Where each state and each edge of a graph stands, in pixels: blocks within their state, a Parallel's branches side by side.
 * Deterministic: the same definition is the same picture.
 */
import type { Graph, GraphEdge, GraphNode } from '../asl/graph.ts'

import { layOut, type Layers, type Link } from './layers.ts'
import { type Block, blocksOf, shownLabel } from './parts.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box extends Point {
  readonly node: GraphNode
  readonly width: number
  readonly height: number
  readonly isContainer: boolean
}

export interface Route {
  readonly edge: GraphEdge
  /** Downward, or upward, from point to point. */
  readonly points: readonly Point[]
  /** The middle of its label. */
  readonly label: Point | undefined
}

export interface Drawing {
  readonly width: number
  readonly height: number
  /** Containers before what they hold. */
  readonly boxes: readonly Box[]
  readonly routes: readonly Route[]
}

const NAME_CHARACTER = 7.4
const LABEL_CHARACTER = 6
const LABEL_HEIGHT = 16
const ROW_GAP = 18
const HEAD = 52
const PADDING = 18
const LOOP_WIDTH = 28
const TERMINAL = { width: 72, height: 30 }
const [WIDTH_MIN, WIDTH_MAX, HEIGHT] = [140, 300, 52]

export function layOutGraph(graph: Graph): Drawing {
  const inner = drawBlock(blocksOf(graph), '')
  return { ...shifted(inner, PADDING, PADDING), width: inner.width + 2 * PADDING, height: inner.height + 2 * PADDING }
}

function drawBlock(blocks: ReadonlyMap<string, Block>, place: string): Drawing {
  const { nodes, edges, first } = blocks.get(place) ?? { nodes: [], edges: [], first: undefined }
  const index = new Map(nodes.map(({ id }, at) => [id, at]))
  const drawn = nodes.map((node) => drawNode(blocks, node))
  const loops = new Set(edges.filter(({ from, to }) => from === to).map(({ from }) => from))
  const links = edges.map(({ from, to, label }) => ({
    from: index.get(from) ?? 0,
    to: index.get(to) ?? 0,
    labelWidth: label === undefined ? 0 : shownLabel(label).length * LABEL_CHARACTER + 8,
  }))
  const widths = nodes.map(({ id }, at) => (drawn[at]?.width ?? 0) + (loops.has(id) ? 2 * LOOP_WIDTH : 0))
  const layers = layOut(widths, links, index.get(first ?? '') ?? 0)
  const { bands, height } = bandsOf(layers, drawn, links)

  const left = Math.min(0, ...layers.rows.map(([item]) => (item ? item.x - item.width / 2 : 0)))
  const right = Math.max(0, ...layers.rows.map((row) => rightOf(row.at(-1))))
  const placed = layers.items.map(({ x, row }, at): Placed => {
    const { width = 0, height = 0 } = drawn[at] ?? {}
    return { left: x - left - width / 2, top: middleOf(bands[row]) - height / 2, width, height }
  })
  const inner = placed.map((at, i) => shifted(drawn[i] ?? NOTHING, at.left, at.top))
  const routes = edges.map((edge, at): Route => {
    const [from, to] = [placed[links[at]?.from ?? 0], placed[links[at]?.to ?? 0]]
    const joints = (layers.joints[at] ?? []).flatMap(({ x, row }) => passing(x - left, row, bands[row]))
    return from && to ? routeOf(edge, { from, to, joints, isUpward: layers.isUpward[at] === true }) : { edge, ...NO_WAY }
  })
  return {
    width: right - left,
    height,
    boxes: inner.flatMap(({ boxes }) => boxes),
    routes: [...inner.flatMap((drawing) => drawing.routes), ...routes],
  }
}

/** Where a row stands. */
interface Band {
  readonly top: number
  readonly height: number
}

/** Each row is as high as the highest that stands in it. */
function bandsOf({ rows, items, joints }: Layers, drawn: readonly Drawing[], links: readonly Link[]) {
  const heights = rows.map(() => 0)
  for (const [at, { row }] of items.entries()) heights[row] = Math.max(heights[row] ?? 0, drawn[at]?.height ?? 0)
  for (const [at, { labelWidth }] of links.entries())
    if (labelWidth > 0) for (const { row } of joints[at] ?? []) if (row % 2 === 1) heights[row] = LABEL_HEIGHT
  const bands: Band[] = []
  let top = 0
  for (const height of heights) {
    bands.push({ top, height })
    top += height + ROW_GAP
  }
  return { bands, height: Math.max(0, top - ROW_GAP) }
}

const middleOf = (band: Band | undefined): number => (band ? band.top + band.height / 2 : 0)

/** Upright past the states of a row. */
function passing(x: number, row: number, band: Band | undefined): Point[] {
  if (row % 2 === 1) return [{ x, y: middleOf(band) }]
  const { top, height } = band ?? { top: 0, height: 0 }
  return [
    { x, y: top },
    { x, y: top + height },
  ]
}

interface Way {
  readonly from: Placed
  readonly to: Placed
  /** Downward. */
  readonly joints: readonly Point[]
  readonly isUpward: boolean
}

function routeOf(edge: GraphEdge, { from, to, joints, isUpward }: Way): Route {
  if (from === to) return { edge, points: loopAt(from), label: undefined }
  const along = isUpward ? joints.toReversed() : joints
  const points = isUpward ? [topOf(from), ...along, bottomOf(to)] : [bottomOf(from), ...along, topOf(to)]
  return { edge, points, label: edge.label === undefined ? undefined : along[0] }
}

const NO_WAY = { points: [], label: undefined }

interface Placed {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const topOf = ({ left, top, width }: Placed): Point => ({ x: left + width / 2, y: top })
const bottomOf = ({ left, top, width, height }: Placed): Point => ({ x: left + width / 2, y: top + height })
const rightOf = (item: { readonly x: number; readonly width: number } | undefined): number => (item ? item.x + item.width / 2 : 0)

/** Out at the right side, and in again. */
function loopAt({ left, top, width, height }: Placed): Point[] {
  const [side, out] = [left + width, left + width + LOOP_WIDTH - 6]
  const [upper, lower] = [top + height / 3, top + (2 * height) / 3]
  return [
    { x: side, y: lower },
    { x: out, y: lower },
    { x: out, y: upper },
    { x: side, y: upper },
  ]
}

const NOTHING: Drawing = { width: 0, height: 0, boxes: [], routes: [] }

/** A state at the origin, with what it holds. */
function drawNode(blocks: ReadonlyMap<string, Block>, node: GraphNode): Drawing {
  const own = sizeOf(node)
  const inner = node.blocks.map((block) => drawBlock(blocks, block)).filter(({ boxes }) => boxes.length > 0)
  if (inner.length === 0) return { ...own, boxes: [{ node, x: 0, y: 0, ...own, isContainer: false }], routes: [] }
  const innerWidth = inner.reduce((sum, { width }) => sum + width, 0) + (inner.length - 1) * PADDING
  const width = Math.max(own.width, innerWidth + 2 * PADDING)
  const height = HEAD + Math.max(...inner.map((block) => block.height)) + PADDING
  let left = (width - innerWidth) / 2
  const moved = inner.map((block) => {
    const at = left
    left += block.width + PADDING
    return shifted(block, at, HEAD)
  })
  return {
    width,
    height,
    boxes: [{ node, x: 0, y: 0, width, height, isContainer: true }, ...moved.flatMap(({ boxes }) => boxes)],
    routes: moved.flatMap(({ routes }) => routes),
  }
}

function sizeOf({ kind, name, resource = '' }: GraphNode): { readonly width: number; readonly height: number } {
  if (kind !== 'state') return TERMINAL
  const text = Math.max(name.length * NAME_CHARACTER, (resource.length + 8) * LABEL_CHARACTER)
  return { width: Math.round(Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, text + 28))), height: HEIGHT }
}

function shifted(drawing: Drawing, x: number, y: number): Drawing {
  const move = <P extends Point>(point: P): P => ({ ...point, x: point.x + x, y: point.y + y })
  return {
    ...drawing,
    boxes: drawing.boxes.map(move),
    routes: drawing.routes.map(({ edge, points, label }) => ({ edge, points: points.map(move), label: label && move(label) })),
  }
}
