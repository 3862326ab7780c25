/** Lays a definition's graph out in a worker; an older answer never overtakes a newer one. */
import ELK, { type ElkNode } from 'elkjs/lib/elk-api'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'
import { useEffect, useMemo, useState } from 'react'

import { isObject, type JsonObject } from '../../../src/base/json.ts'
import { drawGraph } from '../../../src/asl/graph.ts'
import { preloadFile } from '../ui/lazily.ts'
import { type Box, boxesOf, type Direction, type Layout, placedNodes } from '../model/layout.ts'

preloadFile(workerUrl)

let elk: InstanceType<typeof ELK> | undefined

/** Undefined until the first layout is there; of text that is no definition, the last one that was stays. */
export function useLayout(text: string, direction: Direction): Layout | undefined {
  const [layout, setLayout] = useState<Layout>()
  const graph = useMemo(() => {
    const document = parse(text)
    return document && drawGraph(document)
  }, [text])
  useEffect(() => {
    if (!graph) return
    let isWanted = true
    elk ??= new ELK({ workerUrl })
    const start = performance.now()
    void elk.layout(boxesOf(graph, direction) as unknown as ElkNode).then((root) => {
      // For the browser's own profiler, and bench/console.ts.
      performance.measure('layout', { start })
      if (isWanted) setLayout(placedNodes(root as unknown as Box, graph))
    })
    return () => {
      isWanted = false
    }
  }, [graph, direction])
  return layout
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
