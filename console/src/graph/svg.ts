/** The graph as a file: names are escaped, so that a hostile one stays text. */
import type { Layout, PlacedNode } from '../model/layout.ts'
import type { StateStatus } from '../model/state-status.ts'

const COLOURS: Readonly<Record<string, string>> = {
  running: '#0b5cad',
  succeeded: '#00702f',
  failed: '#c8102e',
  caught: '#8a5a00',
  aborted: '#5b6570',
}

export function drawSvg(layout: Layout, statuses: ReadonlyMap<string, StateStatus>): string {
  const byId = new Map(layout.nodes.map((placed) => [placed.node.id, placed]))
  const place = (placed: PlacedNode): { readonly x: number; readonly y: number } => {
    const parent = placed.parent === undefined ? undefined : byId.get(placed.parent)
    const { x, y } = parent ? place(parent) : { x: 0, y: 0 }
    return { x: x + placed.x, y: y + placed.y }
  }
  const boxes = layout.nodes.map((placed) => {
    const { x, y } = place(placed)
    const colour = COLOURS[statuses.get(placed.node.name)?.status ?? ''] ?? '#8c8c94'
    return `<rect x="${x}" y="${y}" width="${placed.width}" height="${placed.height}" rx="10" fill="none" stroke="${colour}" stroke-width="2"/><text x="${x + 12}" y="${y + 22}">${escapeText(placed.node.name)}</text>`
  })
  const lines = layout.edges.flatMap(({ from, to }) => {
    const [a, b] = [byId.get(from), byId.get(to)]
    if (!a || !b) return []
    const [start, end] = [place(a), place(b)]
    const [x1, y1, x2, y2] = [start.x + a.width / 2, start.y + a.height, end.x + b.width / 2, end.y]
    return `<path d="M${x1} ${y1}C${x1} ${(y1 + y2) / 2} ${x2} ${(y1 + y2) / 2} ${x2} ${y2}" fill="none" stroke="#8c8c94"/>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${layout.width} ${layout.height}" font-family="sans-serif" font-size="13">${lines.join('')}${boxes.join('')}</svg>`
}

const escapeText = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
