/** Draws a laid-out graph, to be panned and zoomed; a list of the same facts for those who would rather read. */
import { Controls, type Edge, MarkerType, MiniMap, type Node, ReactFlow, type ReactFlowInstance } from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { useEffect, useMemo, useRef, useState } from 'react'

import type { Direction, Layout } from '../model/layout.ts'
import type { StateStatus } from '../model/state-status.ts'
import { takenEdges } from '../model/taken.ts'
import { Loading } from '../parts/loading.tsx'
import { WORD_OF_VISIT } from '../parts/status.tsx'
import { useWords } from '../words/words.tsx'
import { type StateData, StateNode } from './state-node.tsx'
import { exportPng, exportSvg } from './export.ts'
import { useLayout } from './use-layout.ts'

interface StateGraphProps {
  readonly text: string
  readonly statuses: ReadonlyMap<string, StateStatus>
  readonly selected: string | undefined
  readonly onSelect: (name: string) => void
  /** Of a state, 0 to 1: how dark it is drawn. */
  readonly heat?: ReadonlyMap<string, number> | undefined
}

const FIT = { padding: 0.08, maxZoom: 1.25 }
const NODE_TYPES = { state: StateNode }

export function StateGraph({ text, statuses, selected, onSelect, heat }: StateGraphProps) {
  const { t } = useWords()
  const [direction, setDirection] = useState<Direction>('DOWN')
  const [isList, setList] = useState(false)
  const layout = useLayout(text, direction)
  const [nodes, edges] = useMemo(
    () => (layout ? [nodesOf(layout, { statuses, selected, onSelect, direction, heat }), edgesOf(layout, statuses)] : [[], []]),
    [layout, statuses, selected, onSelect, direction, heat],
  )
  const frame = useRef<HTMLElement>(null)
  const [flow, setFlow] = useState<ReactFlowInstance>()
  useRefit(frame, flow)
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
          <>
            <button type="button" onClick={() => exportSvg(layout, statuses)}>
              {t('exportSvg')}
            </button>
            <button type="button" onClick={() => void exportPng(layout, statuses)}>
              {t('exportPng')}
            </button>
          </>
        )}
      </div>
      {isList && layout ? (
        <StateList layout={layout} statuses={statuses} onSelect={onSelect} />
      ) : (
        <section className="graph" aria-label={t('graphLabel')} ref={frame}>
          {layout ? (
            <ReactFlow
              key={direction}
              nodes={nodes}
              edges={edges}
              nodeTypes={NODE_TYPES}
              fitView
              fitViewOptions={FIT}
              onInit={setFlow}
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

/** A frame that has changed its size shows the whole graph again. */
function useRefit(frame: React.RefObject<HTMLElement | null>, flow: ReactFlowInstance | undefined): void {
  useEffect(() => {
    if (!frame.current || !flow) return
    const watching = new ResizeObserver(() => void flow.fitView(FIT))
    watching.observe(frame.current)
    return () => watching.disconnect()
  }, [frame, flow])
}

type Look = Pick<StateGraphProps, 'statuses' | 'selected' | 'onSelect' | 'heat'> & { readonly direction: Direction }

function nodesOf(layout: Layout, { statuses, selected, onSelect, direction, heat }: Look): Node[] {
  const containers = new Set(layout.nodes.map(({ parent }) => parent))
  return layout.nodes.map(({ node, parent, x, y, width, height }) => ({
    ...{ id: node.id, type: 'state', position: { x, y }, width, height, style: { width, height } },
    ...(parent !== undefined && { parentId: parent }),
    data: {
      ...{ node, status: node.kind === 'state' ? statuses.get(node.name) : undefined, isChosen: node.name === selected },
      ...{ isContainer: containers.has(node.id), direction, onSelect, heat: heat?.get(node.name) },
    } satisfies StateData,
  }))
}

function edgesOf(layout: Layout, statuses: ReadonlyMap<string, StateStatus>): Edge[] {
  const taken = takenEdges(layout, statuses)
  return layout.edges.map(({ from, to, label, kind }, index) => ({
    ...(taken.has(index) && { className: 'taken' }),
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
