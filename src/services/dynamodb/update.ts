/**
 * Updates: read from an expression, and done to an item. All values are taken from the item as it was before.
 * Source: Amazon DynamoDB developer guide, "Using update expressions in DynamoDB"; texts as DynamoDB answers them.
 */
import { type AttributeValue, attributeOf, decimalOf, type Item, membersOf, typeOf } from './attribute-value.ts'
import { addDecimals, negated, printDecimal } from './decimal.ts'
import { valueAt } from './document-path.ts'
import { validationError } from './errors.ts'
import {
  checkPaths,
  type ExpressionReader,
  type FaultKind,
  type Path,
  readExpression,
  type Substitutes,
} from './expression-tokens.ts'

export type Source =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue | undefined }
  | { readonly kind: 'if_not_exists'; readonly path: Path; readonly otherwise: Source }
  | { readonly kind: 'list_append' | '+' | '-'; readonly left: Source; readonly right: Source }

export type UpdateAction =
  | { readonly kind: 'set'; readonly path: Path; readonly source: Source }
  | { readonly kind: 'remove'; readonly path: Path }
  | { readonly kind: 'add' | 'delete'; readonly path: Path; readonly value: AttributeValue }

const ORDER: readonly FaultKind[] = [
  ...(['reserved', 'unknownFunction', 'section', 'undefined', 'overlap', 'conflict', 'operand', 'function'] as const),
]
const SECTIONS = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const
const DEPTH_MAX = 150
/** Of a fault that has been noted. */
const NOTHING: AttributeValue = { NULL: true }

/** Throws ValidationException. */
export const readUpdate = (text: string, substitutes: Substitutes): readonly UpdateAction[] =>
  readExpression('UpdateExpression', text, substitutes, (reader) => new UpdateReader(reader).read(), ORDER)

class UpdateReader {
  readonly #reader: ExpressionReader
  #depth = 0

  constructor(reader: ExpressionReader) {
    this.#reader = reader
  }

  read(): readonly UpdateAction[] {
    const reader = this.#reader
    const actions: UpdateAction[] = []
    const seen = new Set<string>()
    do {
      const section = SECTIONS.find((name) => reader.isWord(name))
      if (section === undefined) throw reader.syntaxFault()
      reader.take()
      if (seen.has(section)) reader.fault('section', `The "${section}" section can only be used once in an update expression;`)
      seen.add(section)
      do actions.push(this.#action(section))
      while (reader.skip(','))
    } while (reader.next.kind !== 'end')
    checkPaths(
      reader,
      actions.map(({ path }) => path),
    )
    return actions
  }

  #action(section: (typeof SECTIONS)[number]): UpdateAction {
    const reader = this.#reader
    const path = reader.path()
    if (section === 'REMOVE') return { kind: 'remove', path }
    if (section === 'SET') {
      reader.expect('=')
      return { kind: 'set', path, source: this.#sum() }
    }
    if (reader.next.kind !== 'value') throw reader.syntaxFault()
    const value = reader.value()
    if (value) this.#checkOperand(section, value)
    return { kind: section === 'ADD' ? 'add' : 'delete', path, value: value ?? NOTHING }
  }

  #checkOperand(operator: 'ADD' | 'DELETE', value: AttributeValue): void {
    const type = typeOf(value)
    if (membersOf(value) || (operator === 'ADD' && type === 'N')) return
    const told = `Incorrect operand type for operator or function; operator: ${operator}, operand type: ${TYPE_NAMES[type] ?? type}, typeSet: ALLOWED_FOR_${operator}_OPERAND`
    this.#reader.fault('operand', told)
  }

  #sum(): Source {
    const reader = this.#reader
    let left = this.#term()
    for (;;) {
      const { text } = reader.next
      if (!reader.isSign('+') && !reader.isSign('-')) return left
      reader.take()
      const right = this.#term()
      const kind = text === '+' ? '+' : '-'
      this.#checkTypes(kind, [left, right], 'N')
      left = { kind, left, right }
    }
  }

  #term(): Source {
    const reader = this.#reader
    if (++this.#depth > DEPTH_MAX) throw reader.syntaxFault()
    const source = this.#operand()
    this.#depth--
    return source
  }

  #operand(): Source {
    const reader = this.#reader
    const { kind, text } = reader.next
    if (reader.skip('(')) {
      const inner = this.#sum()
      reader.expect(')')
      return inner
    }
    if (kind === 'value') return { kind: 'value', value: reader.value() }
    if (kind === 'word' && reader.second.kind === 'sign' && reader.second.text === '(') return this.#call(text)
    if (kind !== 'word' && kind !== 'name') throw reader.syntaxFault()
    return { kind: 'path', path: reader.path() }
  }

  #call(name: string): Source {
    const reader = this.#reader
    reader.take()
    reader.expect('(')
    const args = [this.#sum()]
    while (reader.skip(',')) args.push(this.#sum())
    reader.expect(')')
    const about = `operator or function: ${name}`
    if (name !== 'if_not_exists' && name !== 'list_append')
      reader.fault('unknownFunction', `Invalid function name; function: ${name}`)
    else if (args.length !== 2) {
      const told = `Incorrect number of operands for operator or function; ${about}, number of operands: ${args.length}`
      reader.fault('function', told)
    }
    const [left, right = { kind: 'value', value: undefined }] = args as [Source, ...Source[]]
    if (name === 'if_not_exists') {
      if (left.kind === 'path') return { kind: 'if_not_exists', path: left.path, otherwise: right }
      reader.fault('function', `Operator or function requires a document path; ${about}`)
      return right
    }
    this.#checkTypes(name, [left, right], 'L')
    return { kind: 'list_append', left, right }
  }

  #checkTypes(name: string, sources: readonly Source[], wanted: string): void {
    for (const source of sources) {
      const type = source.kind === 'value' && source.value ? typeOf(source.value) : wanted
      if (type === wanted) continue
      const told = `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`
      this.#reader.fault('function', told)
    }
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
}

// ---- doing

type ListDraft = (AttributeValue | undefined)[]
/** Lists that have changed: places that are gone are undefined until the end; what is set behind the end comes then. */
type Lists = Map<ListDraft, [place: number, value: AttributeValue][]>

const WRONG_TYPE = 'An operand in the update expression has an incorrect data type'
const NOT_THERE = 'The provided expression refers to an attribute that does not exist in the item'
const NO_PATH = 'The document path provided in the update expression is invalid for update'

/** A new item; the one that is given stays as it is. Throws ValidationException. */
export function updated(item: Item, actions: readonly UpdateAction[]): Item {
  const values = actions.map((action) => (action.kind === 'set' ? valueFrom(action.source, item) : undefined))
  const copy = structuredCopy(item)
  const lists: Lists = new Map()
  for (const [at, action] of actions.entries()) {
    const { path } = action
    const place = placeOf(copy, path)
    const now = place.get()
    switch (action.kind) {
      case 'set':
        place.set(values[at], lists)
        break
      case 'remove':
        if (now !== undefined) place.set(undefined, lists)
        break
      case 'add':
        place.set(added(now, action.value), lists)
        break
      case 'delete':
        if (now !== undefined) place.set(withoutMembers(now, action.value), lists)
        break
    }
  }
  for (const [list, behind] of lists) {
    const values = behind.toSorted(([a], [b]) => a - b).map(([, value]) => value)
    list.splice(0, list.length, ...list.filter((one) => one !== undefined), ...values)
  }
  return copy
}

/** Of JSON. */
const structuredCopy = (item: Item): Item => JSON.parse(JSON.stringify(item)) as Item

interface Place {
  get(): AttributeValue | undefined
  /** Undefined takes it away. */
  set(value: AttributeValue | undefined, lists: Lists): void
}

function placeOf(item: Item, path: Path): Place {
  const last = path.at(-1)
  const [first, ...between] = path.slice(0, -1)
  const parent = first === undefined ? { M: item } : valueAt(item, [String(first), ...between])
  if (typeof last === 'number' && parent && 'L' in parent) {
    const list = parent.L as ListDraft
    return {
      get: () => list[last],
      set(value, lists) {
        const behind = lists.get(list) ?? []
        lists.set(list, behind)
        if (last < list.length) list[last] = value
        else if (value !== undefined) behind.push([last, value])
      },
    }
  }
  if (typeof last !== 'string' || !parent || !('M' in parent)) throw validationError(NO_PATH)
  const map: Record<string, unknown> = parent.M
  return {
    get: () => attributeOf(parent.M, last),
    set(value) {
      if (value === undefined) delete map[last]
      else Object.defineProperty(map, last, { value, writable: true, enumerable: true, configurable: true })
    },
  }
}

function valueFrom(source: Source, item: Item): AttributeValue {
  switch (source.kind) {
    case 'value':
      return copyOf(source.value ?? NOTHING)
    case 'path': {
      const value = valueAt(item, source.path)
      if (value === undefined) throw validationError(NOT_THERE)
      return copyOf(value)
    }
    case 'if_not_exists': {
      const value = valueAt(item, source.path)
      return value === undefined ? valueFrom(source.otherwise, item) : copyOf(value)
    }
    case 'list_append': {
      const [left, right] = [valueFrom(source.left, item), valueFrom(source.right, item)]
      if (!('L' in left && 'L' in right)) throw validationError(WRONG_TYPE)
      return { L: [...left.L, ...right.L] }
    }
    case '+':
    case '-':
      return summed(valueFrom(source.left, item), valueFrom(source.right, item), source.kind)
  }
}

/** What is set may be changed in turn by another action. */
const copyOf = (value: AttributeValue): AttributeValue => JSON.parse(JSON.stringify(value)) as AttributeValue

function summed(left: AttributeValue, right: AttributeValue, sign: '+' | '-'): AttributeValue {
  if (!('N' in left && 'N' in right)) throw validationError(WRONG_TYPE)
  const other = decimalOf(right.N)
  const sum = addDecimals(decimalOf(left.N), sign === '+' ? other : negated(other))
  if (typeof sum === 'string') throw validationError(sum)
  return { N: printDecimal(sum) }
}

function added(now: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (now === undefined) return copyOf(value)
  if ('N' in now && 'N' in value) return summed(now, value, '+')
  const [members, more] = [membersOf(now), membersOf(value)]
  if (typeOf(now) !== typeOf(value) || !members || !more) throw validationError(WRONG_TYPE)
  return setOf(value, [...new Set([...members, ...more])])
}

/** Undefined where nothing is left. */
function withoutMembers(now: AttributeValue, value: AttributeValue): AttributeValue | undefined {
  const [members, gone] = [membersOf(now), membersOf(value)]
  if (typeOf(now) !== typeOf(value) || !members || !gone) throw validationError(WRONG_TYPE)
  const left = members.filter((member) => !gone.includes(member))
  return left.length === 0 ? undefined : setOf(value, left)
}

function setOf(like: AttributeValue, members: readonly string[]): AttributeValue {
  if ('SS' in like) return { SS: members }
  return 'NS' in like ? { NS: members } : { BS: members }
}
