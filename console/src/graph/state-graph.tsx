/** Draws a laid-out graph, to be panned and zoomed; a list of the same facts for those who would rather read. */
import { Controls, type Edge, MarkerType, MiniMap, type Node, ReactFlow, type ReactFlowInstance } from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { useEffect, useMemo, useRef, useState } from 'react'

import type { StateStatus } from '../../../src/history/state-status.ts'
import { type Direction, type Layout, shownLabel } from '../model/layout.ts'
import { takenEdges } from '../model/taken.ts'
import { Loading } from '../ui/loading.tsx'
import { useTheme } from '../ui/theme.ts'
import { useMessages } from '../messages/messages.tsx'
import { RoutedEdge } from './routed-edge.tsx'
import { type StateData, StateNode } from './state-node.tsx'
import { type GraphWords, Legend, StatusSign, wordOf } from './status-sign.tsx'
import { exportPng, exportSvg } from './export.ts'
import { useLayout } from './use-layout.ts'

interface StateGraphProps {
  readonly text: string
  readonly statuses: ReadonlyMap<string, StateStatus>
  readonly selected: string | undefined
  readonly onSelect: (name: string) => void
  /** Of a state, 0 to 1: how dark it is drawn. */
  readonly heat?: ReadonlyMap<string, number> | undefined
  /** Of a distributed Map: how far it is, in few characters. */
  readonly progress?: ReadonlyMap<string, string> | undefined
  /** What the statuses mean, where it is not how an execution went. */
  readonly words?: GraphWords | undefined
  /** Indexes into the layout's edges; those that the statuses' visits went by unless told. */
  readonly taken?: ((layout: Layout) => ReadonlySet<number>) | undefined
}

/** With fewer nodes there is nothing to lose one's way in; of a very long chain nothing could be seen. */
const MAPPED_FROM = 12
const [MAP_WIDTH, MAP_HEIGHT, NODE_SEEN] = [200, 150, 1]

function isWorthMapping({ nodes, width, height }: Layout): boolean {
  const scale = Math.min(MAP_WIDTH / width, MAP_HEIGHT / height)
  return nodes.length > MAPPED_FROM && Math.max(...nodes.slice(0, MAPPED_FROM).map((node) => node.height * scale)) >= NODE_SEEN
}

const FIT = { padding: 0.08, maxZoom: 1.25 }
const NODE_TYPES = { state: StateNode }
const EDGE_TYPES = { routed: RoutedEdge }

export function StateGraph({ text, statuses, selected, onSelect, heat, progress, words, taken }: StateGraphProps) {
  const { t } = useMessages()
  const [direction, setDirection] = useState<Direction>('DOWN')
  const [isList, setList] = useState(false)
  const [hasMap, setMap] = useState(false)
  const layout = useLayout(text, direction)
  const [theme] = useTheme()
  const [nodes, edges] = useMemo(
    () =>
      layout
        ? [
            nodesOf(layout, { statuses, selected, onSelect, direction, heat, progress, words }),
            edgesOf(layout, taken?.(layout) ?? takenEdges(layout, statuses)),
          ]
        : [[], []],
    [layout, statuses, selected, onSelect, direction, heat, progress, words, taken],
  )
  const frame = useRef<HTMLElement>(null)
  const [flow, setFlow] = useState<ReactFlowInstance>()
  useRefit(frame, flow, layout)
  return (
    <>
      <div className="toolbar">
        <button type="button" aria-pressed={isList} onClick={() => setList(!isList)}>
          {t('listView')}
        </button>
        <button type="button" onClick={() => setDirection(direction === 'DOWN' ? 'RIGHT' : 'DOWN')}>
          {t(direction === 'DOWN' ? 'horizontal' : 'vertical')}
        </button>
        {layout && isWorthMapping(layout) && !isList && (
          <button type="button" aria-pressed={hasMap} onClick={() => setMap(!hasMap)}>
            {t('overview')}
          </button>
        )}
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
        <StateList layout={layout} statuses={statuses} onSelect={onSelect} words={words} />
      ) : (
        <section className="graph" aria-label={t('graphLabel')} ref={frame}>
          {layout ? (
            <ReactFlow
              key={direction}
              colorMode={theme}
              nodes={nodes}
              edges={edges}
              nodeTypes={NODE_TYPES}
              edgeTypes={EDGE_TYPES}
              fitView
              fitViewOptions={FIT}
              onInit={setFlow}
              minZoom={0.01}
              nodesDraggable={false}
              nodesConnectable={false}
              nodesFocusable={false}
              edgesFocusable={false}
              disableKeyboardA11y
              onlyRenderVisibleElements={nodes.length > 150}
              proOptions={{ hideAttribution: true }}
              ariaLabelConfig={{
                'controls.ariaLabel': t('zoom'),
                'controls.zoomIn.ariaLabel': t('zoomIn'),
                'controls.zoomOut.ariaLabel': t('zoomOut'),
                'controls.fitView.ariaLabel': t('fitView'),
                'minimap.ariaLabel': t('overview'),
                // Neither is moved or removed here.
                'node.a11yDescription.default': t('pick'),
                'edge.a11yDescription.default': t('graphLabel'),
              }}
            >
              <Controls showInteractive={false} />
              {hasMap && isWorthMapping(layout) && <MiniMap pannable zoomable nodeColor={mapColour} nodeStrokeWidth={0} />}
            </ReactFlow>
          ) : (
            <Loading />
          )}
        </section>
      )}
      {statuses.size > 0 && heat === undefined && <Legend words={words} />}
    </>
  )
}

/** A frame that has changed its size shows the graph again from where it begins, and so does a new layout. */
function useRefit(
  frame: React.RefObject<HTMLElement | null>,
  flow: ReactFlowInstance | undefined,
  layout: Layout | undefined,
): void {
  useEffect(() => {
    const holder = frame.current
    if (!holder || !flow || !layout) return
    const watching = new ResizeObserver(() => show(flow, layout, holder))
    watching.observe(holder)
    return () => watching.disconnect()
  }, [frame, flow, layout])
}

/** Smaller, nothing could be read. */
const READABLE_ZOOM = 0.35
const START_ZOOM = 0.7

/** The whole graph where that can be read, else its beginning. */
function show(flow: ReactFlowInstance, { nodes, width, height }: Layout, holder: HTMLElement): void {
  const start = nodes.find(({ node }) => node.kind === 'start')
  const whole = Math.min(holder.clientWidth / width, holder.clientHeight / height)
  if (whole >= READABLE_ZOOM || !start) return void flow.fitView(FIT)
  const x = holder.clientWidth / 2 - (start.x + start.width / 2) * START_ZOOM
  void flow.setViewport({ x, y: 24 - start.y * START_ZOOM, zoom: START_ZOOM })
}

type Look = Pick<StateGraphProps, 'statuses' | 'selected' | 'onSelect' | 'heat' | 'progress' | 'words'> & {
  readonly direction: Direction
}

function nodesOf(layout: Layout, { statuses, selected, onSelect, direction, heat, progress, words }: Look): Node[] {
  const containers = new Set(layout.nodes.map(({ parent }) => parent))
  const elsewhere = idsElsewhere(layout)
  return layout.nodes.map(({ node, parent, x, y, width, height }) => ({
    id: node.id,
    type: 'state',
    position: { x, y },
    width,
    height,
    style: { width, height },
    ...(parent !== undefined && { parentId: parent }),
    data: {
      node,
      status: node.kind === 'state' ? statuses.get(node.name) : undefined,
      isChosen: node.name === selected,
      isContainer: containers.has(node.id),
      direction,
      onSelect,
      heat: heat?.get(node.name),
      isElsewhere: elsewhere.has(node.id),
      progress: progress?.get(node.name),
      words,
    } satisfies StateData,
  }))
}

/** What is within a Map whose iterations are executions of their own. */
function idsElsewhere({ nodes }: Layout): ReadonlySet<string> {
  const found = new Set<string>()
  const distributed = new Set(nodes.filter(({ node }) => node.isDistributed).map(({ node }) => node.id))
  // Containers come before what they hold.
  for (const { node, parent } of nodes)
    if (parent !== undefined && (distributed.has(parent) || found.has(parent))) found.add(node.id)
  return found
}

function mapColour(node: Node): string {
  const { status } = node.data as StateData
  return `var(--${status?.status ?? 'line'})`
}

function edgesOf(layout: Layout, taken: ReadonlySet<number>): Edge[] {
  const names = new Map(layout.nodes.map(({ node }) => [node.id, node.name]))
  return layout.edges.map(({ from, to, label, kind }, index) => ({
    ...(layout.routes.has(index) && { type: 'routed', data: { route: layout.routes.get(index) } }),

    id: `${index}`,
    source: from,
    target: to,
    ariaLabel: `${names.get(from)} → ${names.get(to)}`,
    zIndex: 1,
    markerEnd: { type: MarkerType.ArrowClosed, color: taken.has(index) ? 'var(--accent)' : 'var(--soft)' },
    ...(taken.has(index) && { className: 'taken' }),
    ...(label !== undefined && { label: shownLabel(label) }),
    ...(kind === 'catch' && { style: { strokeDasharray: '5 4' } }),
  }))
}

function StateList({
  layout,
  statuses,
  onSelect,
  words,
}: { readonly layout: Layout } & Pick<StateGraphProps, 'statuses' | 'onSelect' | 'words'>) {
  const { t } = useMessages()
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
                  {status ? <StatusSign status={status.status} /> : <i className="sign idle" />}
                  {node.name}
                </span>
                <span>{t(status ? wordOf(status.status, words) : 'notStarted')}</span>
                <span>{node.type}</span>
              </button>
            </li>
          )
        })}
    </ul>
  )
}
