/**
 * Connections: what leads from one state to another, or from the start of a block to its first. A name refers to a state of its
 * own block alone; names within expressions and data are data.
 */
import { isArray, isObject, type JsonObject } from '../../base/json.ts'
import { pointerOf } from '../../base/json-pointer.ts'

import type { Key } from '../../source/tree.ts'

import type { VisitedBlock, VisitedState } from '../walk.ts'
import type { Document } from './document.ts'
import type { UntypedState } from './written.ts'

/** Blocks and states by their JSON pointers: `` is the machine, `/States/P/Branches/0` a branch, `/States/A` a state. */
export type Connection =
  | { readonly kind: 'start'; readonly block: string }
  | { readonly kind: 'next' | 'default'; readonly state: string }
  | { readonly kind: 'choice' | 'catch'; readonly state: string; readonly index: number }

export interface FoundConnection {
  readonly kind: Connection['kind']
  readonly block: VisitedBlock
  /** Undefined: the start of the block. */
  readonly state: VisitedState | undefined
  /** The object that holds the name, and where. */
  readonly holder: JsonObject
  readonly path: readonly Key[]
  readonly field: 'StartAt' | 'Next' | 'Default'
  /** Undefined: it leads nowhere yet, or to the end. */
  readonly target: string | undefined
}

export const stateAt = ({ machine }: Document, pointer: string): VisitedState | undefined =>
  machine.states.find(({ path }) => pointerOf(path) === pointer)

export const blockAt = ({ machine }: Document, pointer: string): VisitedBlock | undefined =>
  machine.blocks.find(({ path }) => pointerOf(path) === pointer)

/** Undefined: there is no such block, state or rule. */
export function findConnection(document: Document, connection: Connection): FoundConnection | undefined {
  if (connection.kind === 'start') {
    const block = blockAt(document, connection.block)
    return block && startOf(block)
  }
  const state = stateAt(document, connection.state)
  if (!state) return undefined
  if (connection.kind === 'choice' || connection.kind === 'catch') return listed(state, connection.kind)[connection.index]
  return connection.kind === 'next' ? nextOf(state) : defaultOf(state)
}

/** Every one of a block, and where it leads. */
export const connectionsOf = (block: VisitedBlock): readonly FoundConnection[] => [
  startOf(block),
  ...block.states.flatMap((state) => [nextOf(state), defaultOf(state), ...listed(state, 'choice'), ...listed(state, 'catch')]),
]

const startOf = (block: VisitedBlock): FoundConnection => found('start', block, undefined, block.document, block.path, 'StartAt')

const nextOf = (state: VisitedState): FoundConnection => found('next', state.block, state, state.document, state.path, 'Next')

const defaultOf = (state: VisitedState): FoundConnection =>
  found('default', state.block, state, state.document, state.path, 'Default')

function listed(state: VisitedState, kind: 'choice' | 'catch'): readonly FoundConnection[] {
  const { Choices: choices, Catch: catchers }: UntypedState = state.document
  const list = kind === 'choice' ? choices : catchers
  return (isArray(list) ? list : []).map((item, i) => {
    const path = [...state.path, kind === 'choice' ? 'Choices' : 'Catch', i]
    return found(kind, state.block, state, isObject(item) ? item : {}, path, 'Next')
  })
}

function found(
  kind: Connection['kind'],
  block: VisitedBlock,
  state: VisitedState | undefined,
  holder: JsonObject,
  path: readonly Key[],
  field: FoundConnection['field'],
): FoundConnection {
  const written = holder[field]
  return { kind, block, state, holder, path, field, target: typeof written === 'string' && written !== '' ? written : undefined }
}
