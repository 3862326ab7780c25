/** The graph as a file. A PNG is the SVG drawn at twice its size. */
import type { StateStatus } from '../../../src/history/state-status.ts'
import type { Layout } from '../model/layout.ts'
import { download } from '../ui/download.ts'
import { drawSvg } from './svg.ts'

type Statuses = ReadonlyMap<string, StateStatus>

export function exportSvg(layout: Layout, statuses: Statuses): void {
  download(new Blob([drawSvg(layout, statuses)], { type: 'image/svg+xml' }), 'workflow.svg')
}

/** Browsers draw no canvas that is larger. */
const PIXELS_MAX = 8_000

export async function exportPng(layout: Layout, statuses: Statuses): Promise<void> {
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawSvg(layout, statuses))}`
  await image.decode()
  const scale = Math.min(2, PIXELS_MAX / Math.max(layout.width, layout.height))
  const canvas = Object.assign(document.createElement('canvas'), { width: layout.width * scale, height: layout.height * scale })
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  canvas.toBlob((blob) => blob && download(blob, 'workflow.png'))
}
