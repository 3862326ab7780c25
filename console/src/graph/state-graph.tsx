/** Draws a laid-out graph, to be panned and zoomed; a list of the same facts for those who would rather read. */
import { Controls, type Edge, MarkerType, MiniMap, type Node, ReactFlow } from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { useMemo, useState } from 'react'

import type { Direction, Layout } from '../model/layout.ts'
import type { StateStatus } from '../model/state-status.ts'
import { Loading } from '../parts/loading.tsx'
import { WORD_OF_VISIT } from '../parts/status.tsx'
import { useWords } from '../words/words.tsx'
import { type StateData, StateNode } from './state-node.tsx'
import { drawSvg } from './svg.ts'
import { useLayout } from './use-layout.ts'

interface StateGraphProps {
  readonly text: string
  readonly statuses: ReadonlyMap<string, StateStatus>
  readonly selected: string | undefined
  readonly onSelect: (name: string) => void
}

const NODE_TYPES = { state: StateNode }

export function StateGraph({ text, statuses, selected, onSelect }: StateGraphProps) {
  const { t } = useWords()
  const [direction, setDirection] = useState<Direction>('DOWN')
  const [isList, setList] = useState(false)
  const layout = useLayout(text, direction)
  const [nodes, edges] = useMemo(
    () => (layout ? [nodesOf(layout, { statuses, selected, onSelect, direction }), edgesOf(layout)] : [[], []]),
    [layout, statuses, selected, onSelect, direction],
  )
  return (
    <>
      <div className="toolbar">
        <button type="button" aria-pressed={isList} onClick={() => setList(!isList)}>
          {t('listView')}
        </button>
        <button type="button" onClick={() => setDirection(direction === 'DOWN' ? 'RIGHT' : 'DOWN')}>
          {t(direction === 'DOWN' ? 'horizontal' : 'vertical')}
        </button>
        {layout && (
          <button type="button" onClick={() => download(drawSvg(layout, statuses))}>
            {t('exportSvg')}
          </button>
        )}
      </div>
      {isList && layout ? (
        <StateList layout={layout} statuses={statuses} onSelect={onSelect} />
      ) : (
        <section className="graph" aria-label={t('graphLabel')}>
          {layout ? (
            <ReactFlow
              key={direction}
              nodes={nodes}
              edges={edges}
              nodeTypes={NODE_TYPES}
              fitView
              minZoom={0.05}
              nodesDraggable={false}
              nodesConnectable={false}
              nodesFocusable={false}
              edgesFocusable={false}
              onlyRenderVisibleElements={nodes.length > 150}
              proOptions={{ hideAttribution: true }}
            >
              <Controls showInteractive={false} />
              {nodes.length > 12 && <MiniMap pannable zoomable />}
            </ReactFlow>
          ) : (
            <Loading />
          )}
        </section>
      )}
    </>
  )
}

type Look = Pick<StateGraphProps, 'statuses' | 'selected' | 'onSelect'> & { readonly direction: Direction }

function nodesOf(layout: Layout, { statuses, selected, onSelect, direction }: Look): Node[] {
  const containers = new Set(layout.nodes.map(({ parent }) => parent))
  return layout.nodes.map(({ node, parent, x, y, width, height }) => ({
    ...{ id: node.id, type: 'state', position: { x, y }, width, height, style: { width, height } },
    ...(parent !== undefined && { parentId: parent }),
    data: {
      ...{ node, status: node.kind === 'state' ? statuses.get(node.name) : undefined, isChosen: node.name === selected },
      ...{ isContainer: containers.has(node.id), direction, onSelect },
    } satisfies StateData,
  }))
}

function edgesOf({ edges }: Layout): Edge[] {
  return edges.map(({ from, to, label, kind }, index) => ({
    ...{ id: `${index}`, source: from, target: to, zIndex: 1, markerEnd: { type: MarkerType.ArrowClosed } },
    ...(label !== undefined && { label: label.length > 40 ? `${label.slice(0, 39)}…` : label }),
    ...(kind === 'catch' && { style: { strokeDasharray: '5 4' } }),
  }))
}

function StateList({ layout, statuses, onSelect }: { readonly layout: Layout } & Pick<StateGraphProps, 'statuses' | 'onSelect'>) {
  const { t } = useWords()
  return (
    <ul className="list">
      {layout.nodes
        .filter(({ node }) => node.kind === 'state')
        .map(({ node }) => {
          const status = statuses.get(node.name)
          return (
            <li key={node.id}>
              <button type="button" className="row bar-row" onClick={() => onSelect(node.name)}>
                <span>
                  <i className={`dot ${status?.status ?? ''}`} />
                  {node.name}
                </span>
                <span>{t(status ? WORD_OF_VISIT[status.status] : 'notStarted')}</span>
                <span>{node.type}</span>
              </button>
            </li>
          )
        })}
    </ul>
  )
}

function download(svg: string): void {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: 'workflow.svg' })
  link.click()
  URL.revokeObjectURL(url)
}
