/** One state: a button that says the same to the eye and to the ear. */
import type { CSSProperties } from 'react'

import { Handle, type NodeProps, Position } from '@xyflow/react'

import type { GraphNode } from '../../../src/asl/graph.ts'
import type { StateStatus } from '../../../src/history/state-status.ts'
import type { Direction } from '../model/layout.ts'
import { useMessages } from '../messages/messages.tsx'
import { type GraphWords, StatusSign, wordOf } from './status-sign.tsx'

export interface StateData extends Record<string, unknown> {
  readonly node: GraphNode
  readonly status: StateStatus | undefined
  readonly isChosen: boolean
  readonly isContainer: boolean
  readonly direction: Direction
  readonly onSelect: (name: string) => void
  readonly heat: number | undefined
  /** Its visits are in executions of their own. */
  readonly isElsewhere: boolean
  /** Of a distributed Map: how far it is. */
  readonly progress: string | undefined
  readonly words: GraphWords | undefined
}

export function StateNode({ data }: NodeProps) {
  const { node, status, isChosen, isContainer, direction, onSelect, heat, isElsewhere, progress, words } = data as StateData
  const { t } = useMessages()
  const [from, to] = direction === 'DOWN' ? [Position.Bottom, Position.Top] : [Position.Right, Position.Left]
  const word = t(status ? wordOf(status.status, words) : isElsewhere ? 'inChildren' : 'notStarted')
  const visits = status?.visits.length ?? 0
  // What is seen comes first and as it is seen: whoever speaks to the page names what they see.
  const badges = [visits > 1 ? `×${visits}` : '', status?.retries ? `↻${status.retries}` : '', progress ?? '']
    .filter((badge) => badge !== '')
    .join(' ')
  const kind = [node.type, node.resource].filter(Boolean).join(' · ')
  const label = [node.name.slice(0, 120), badges === '' ? kind : `${kind} ${badges}`, word].join(', ')
  const style = heat === undefined ? undefined : ({ '--heat': `${Math.round(heat * 100)}%` } as CSSProperties)
  const classes = [
    ...['state', 'nodrag', status?.status, isChosen && 'chosen', isContainer && 'box'],
    ...[heat !== undefined && 'heat', isElsewhere && !status && 'elsewhere'],
  ]
    .filter(Boolean)
    .join(' ')
  return (
    <>
      <Handle type="target" position={to} style={HIDDEN} />
      {node.kind === 'state' ? (
        <button
          type="button"
          className={classes}
          style={style}
          aria-label={label}
          aria-pressed={isChosen}
          onClick={() => onSelect(node.name)}
        >
          <span className="name" title={node.name.slice(0, 200)}>
            {node.name.slice(0, 120)}
          </span>{' '}
          <span className="kind">
            <span title={kind}>{kind}</span> {badges !== '' && <b>{badges}</b>}
          </span>
          {status && <StatusSign status={status.status} />}
        </button>
      ) : (
        <div className="state terminal">{t(node.kind === 'start' ? 'startNode' : 'endNode')}</div>
      )}
      <Handle type="source" position={from} style={HIDDEN} />
    </>
  )
}

const HIDDEN = { opacity: 0, pointerEvents: 'none' } as const
