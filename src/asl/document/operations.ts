/**
 * Operations on a definition as a person writes it: each takes a document and gives the next one, or says why not. Pure; the
 * text changes only where it must (`source/change.ts`). Rename, insert and remove leave a definition without faults without
 * faults; to reconnect may leave states that nothing leads to, because that is how a drawing is redrawn, line by line.
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { type Change, changeSource } from '../../source/change.ts'
import type { TextEdit } from '../../source/layout.ts'

import type { Diagnostic } from '../diagnostic.ts'
import { goesOn, transitionsOf, type VisitedBlock, type VisitedState, visitMachine } from '../walk.ts'
import { type Connection, connectionsOf, type FoundConnection, findConnection, stateAt } from './connection.ts'
import { Document } from './document.ts'
import type { UntypedState } from './written.ts'

export interface Edited {
  readonly document: Document
  /** What makes the new text of the old one; in the order of the text. */
  readonly edits: readonly TextEdit[]
}

export type Refusal = Diagnostic & { readonly code: RefusalCode }
export type RefusalCode =
  /** No state, block or connection stands there. */
  | 'NOT_FOUND'
  | 'NAME_TAKEN'
  | 'INVALID_NAME'
  /** What would have to end, or go on, cannot: a rule or a catcher has no End, a Succeed no Next. */
  | 'CANNOT_CONNECT'
  /** Nothing would lead to some states any more. */
  | 'WOULD_STRAND'
  /** The text is broken, or its notation does not let the change be made in place (YAML's aliases, names that stand twice). */
  | 'NOT_EDITABLE'

export type Edit = Result<Edited, Refusal>

const refuse = (code: RefusalCode, message: string, location?: string): { readonly ok: false; readonly error: Refusal } =>
  err({ severity: 'ERROR', code, message, ...(location !== undefined && { location }) })

/** A new name for a state, wherever its block names it. `state` is its pointer. */
export function renameState(document: Document, state: string, name: string): Edit {
  const found = stateAt(document, state)
  if (!found) return notFound(state)
  if (name === found.name) return ok({ document, edits: [] })
  const problem = problemOfName(document, name)
  if (problem) return problem
  const references = connectionsOf(found.block).filter(({ target }) => target === found.name)
  return change(document, [
    { type: 'rename', path: found.path, name },
    ...references.map(({ path, field }): Change => ({ type: 'set', path: [...path, field], value: name })),
  ])
}

/** Where a connection leads: to a state of the same block, or to the end (`undefined`), which only Next can say. */
export function reconnect(document: Document, connection: Connection, target: string | undefined): Edit {
  const found = findConnection(document, connection)
  if (!found) return notFoundConnection()
  if (target !== undefined && !found.block.states.some(({ name }) => name === target))
    return refuse('NOT_FOUND', `No state of this block is named '${target}'.`, found.block.at || '/')
  const changes = leadTo(found, target)
  return changes ? change(document, changes) : refuse(...cannotEnd(found))
}

/**
 * A new state on a connection: it stands between what the connection leads from and what it led to. At the start of a block
 * that is empty it ends the block. `state` needs no Next and no End; a Choice goes on by its Default.
 */
export function insertState(document: Document, name: string, state: JsonObject, connection: Connection): Edit {
  const found = findConnection(document, connection)
  if (!found) return notFoundConnection()
  for (const one of namesWithin(name, state)) {
    const problem = problemOfName(document, one)
    if (problem) return problem
  }
  if (!isObject(found.block.document.States)) return refuse('NOT_EDITABLE', 'The block has no States.', found.block.at || '/')
  const changes = leadTo(found, name)
  if (!changes) return refuse(...cannotEnd(found))
  const linked = linkOn(state, found.target)
  if (!linked) return refuse('CANNOT_CONNECT', `A ${String(state['Type'])} cannot go on to what comes next.`, found.state?.at)
  const path = [...found.block.path, 'States']
  return change(document, [{ type: 'insert', path, name, value: linked, after: found.state?.name }, ...changes])
}

export interface RemoveOptions {
  /** Takes along what only this state leads to; otherwise that is a reason not to. */
  readonly withUnreachable?: boolean
}

/** What led to the state leads to where it went on: its Next (a Choice's Default), or the end. `state` is its pointer. */
export function removeState(document: Document, state: string, { withUnreachable = false }: RemoveOptions = {}): Edit {
  const found = stateAt(document, state)
  if (!found) return notFound(state)
  const { block, name } = found
  const successor = successorOf(found)
  const stranded = strandedWithout(found, successor)
  if (stranded.length > 0 && !withUnreachable) {
    const names = stranded.map((one) => `'${one.name}'`).join(', ')
    return refuse('WOULD_STRAND', `Nothing would lead to ${names} any more.`, found.at)
  }
  const gone = new Set([found, ...stranded])
  const changes: Change[] = [...gone].map(({ path }) => ({ type: 'remove', path }))
  for (const reference of connectionsOf(block)) {
    if (reference.target !== name || (reference.state && gone.has(reference.state))) continue
    const made = leadTo(reference, successor)
    if (!made) return refuse(...cannotEnd(reference))
    changes.push(...made)
  }
  return change(document, changes)
}

const notFound = (pointer: string) => refuse('NOT_FOUND', `There is no state at '${pointer}'.`)
const notFoundConnection = () => refuse('NOT_FOUND', 'There is no such connection.')

function cannotEnd({ kind, state }: FoundConnection): [RefusalCode, string, string | undefined] {
  if (kind === 'start') return ['CANNOT_CONNECT', 'A block needs a state to start at.', undefined]
  const message = kind === 'next' ? 'This state has no Next.' : `A ${kind} cannot end: it needs a state to go on to.`
  return ['CANNOT_CONNECT', message, state?.at]
}

const NAME_CHARS_MAX = 80

/** Names are unique in the whole machine, though they refer within their block. */
function problemOfName({ machine }: Document, name: string): ReturnType<typeof refuse> | undefined {
  if (name === '' || name.length > NAME_CHARS_MAX)
    return refuse('INVALID_NAME', `The name of a state has 1 to ${NAME_CHARS_MAX} characters.`)
  const taken = machine.states.find((state) => state.name === name)
  return taken && refuse('NAME_TAKEN', `There is a state named '${name}' already.`, taken.at)
}

/** Its own, and those of the states of its blocks. */
const namesWithin = (name: string, state: JsonObject): readonly string[] =>
  visitMachine({ States: Object.fromEntries([[name, state]]) }, 'STANDARD').states.map((one) => one.name)

/** Undefined: this connection cannot lead there. */
function leadTo(connection: FoundConnection, to: string | undefined): readonly Change[] | undefined {
  const { kind, state } = connection
  if (kind === 'next') return state && goesOn(state.document) ? leadNextTo(connection, to) : undefined
  if (to === undefined || (kind === 'default' && state?.document.Type !== 'Choice')) return undefined
  return [write(connection, connection.field, to)]
}

/** Next and End take each other's place. */
function leadNextTo(connection: FoundConnection, to: string | undefined): readonly Change[] {
  const [field, other] = to === undefined ? (['End', 'Next'] as const) : (['Next', 'End'] as const)
  const { holder, path } = connection
  const value = to ?? true
  const isOtherThere = holder[other] !== undefined
  if (holder[field] !== undefined || !isOtherThere)
    return [write(connection, field, value), ...(isOtherThere ? [{ type: 'remove', path: [...path, other] } as const] : [])]
  return [
    { type: 'rename', path: [...path, other], name: field },
    { type: 'set', path: [...path, other], value },
  ]
}

/** Where nothing is written yet, behind all else; StartAt in front. */
function write({ kind, holder, path }: FoundConnection, field: string, value: Json): Change {
  if (holder[field] !== undefined) return { type: 'set', path: [...path, field], value }
  return { type: 'insert', path, name: field, value, after: kind === 'start' ? undefined : Object.keys(holder).at(-1) }
}

/** States of these types have Next or End. */
/** The state leading to `next`, or ending; undefined where its type cannot. */
function linkOn(state: JsonObject, next: string | undefined): JsonObject | undefined {
  const { Next: _, End: __, ...rest } = state
  if (goesOn(state)) return next === undefined ? { ...rest, End: true } : { ...rest, Next: next }
  if (state['Type'] !== 'Choice') return next === undefined ? rest : undefined
  return next === undefined ? undefined : { ...rest, Default: next }
}

/** Where a state goes on when all goes well; itself does not count. */
function successorOf({ name, document }: VisitedState): string | undefined {
  const { Next: next, Default: otherwise }: UntypedState = document
  const successor = document.Type === 'Choice' ? otherwise : next
  return typeof successor === 'string' && successor !== name ? successor : undefined
}

/** States that can be come to now, and could not without this one. */
function strandedWithout(removed: VisitedState, successor: string | undefined): readonly VisitedState[] {
  const { block } = removed
  const before = reachedIn(block, (name) => name)
  const after = reachedIn(block, (name) => (name === removed.name ? successor : name))
  return block.states.filter((state) => state !== removed && before.has(state.name) && !after.has(state.name))
}

function reachedIn({ document, states }: VisitedBlock, lead: (name: string) => string | undefined): ReadonlySet<string> {
  const byName = new Map(states.map((state) => [state.name, state]))
  const start = typeof document.StartAt === 'string' ? lead(document.StartAt) : undefined
  const reached = new Set(start === undefined ? [] : [start])
  for (const name of reached) {
    const state = byName.get(name)
    for (const { to } of state ? transitionsOf(state.document) : []) {
      const target = lead(to)
      if (target !== undefined) reached.add(target)
    }
  }
  return reached
}

function change(document: Document, changes: readonly Change[]): Edit {
  const changed = changeSource(document.source, changes)
  if (!changed.ok) return refuse('NOT_EDITABLE', 'The text cannot be changed in place here.')
  const { source, edits } = changed.value
  return ok({ document: new Document(source), edits })
}
