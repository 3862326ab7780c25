/**
 * Conditions: read from an expression, and asked of an item.
 * Source: Amazon DynamoDB developer guide, "Condition and filter expressions, operators, and functions"; texts as DynamoDB
 * answers them.
 */
import {
  type AttributeValue,
  beginsWith,
  compareValues,
  contains,
  isEqual,
  type Item,
  sizeOf,
  typeOf,
  VALUE_TYPES,
} from './attribute-value.ts'
import {
  type ExpressionName,
  type ExpressionReader,
  type FaultKind,
  type Path,
  printPath,
  readExpression,
  type Substitutes,
} from './expression-tokens.ts'
import { valueAt } from './document-path.ts'

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>='

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue | undefined }
  | { readonly kind: 'function'; readonly name: string; readonly args: readonly Operand[] }

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'compare'; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly list: readonly Operand[] }
  | { readonly kind: 'function'; readonly name: string; readonly args: readonly Operand[] }

const COMPARATORS: readonly string[] = ['=', '<>', '<', '<=', '>', '>=']
const OPERANDS: ReadonlyMap<string, number> = new Map([
  ['attribute_exists', 1],
  ['attribute_not_exists', 1],
  ['attribute_type', 2],
  ['begins_with', 2],
  ['contains', 2],
  ['size', 1],
])
const ORDER: readonly FaultKind[] = [
  ...(['parens', 'unknownFunction', 'misused', 'reserved', 'undefined', 'operand', 'distinct', 'function'] as const),
]
const DEPTH_MAX = 150

/** Throws ValidationException. */
export const readCondition = (name: ExpressionName, text: string, substitutes: Substitutes): Condition =>
  readExpression(name, text, substitutes, (reader) => new ConditionReader(reader).read(), ORDER)

class ConditionReader {
  readonly #reader: ExpressionReader
  #depth = 0

  constructor(reader: ExpressionReader) {
    this.#reader = reader
  }

  read(): Condition {
    if (++this.#depth > DEPTH_MAX) throw this.#reader.syntaxFault()
    let left = this.#and()
    while (this.#reader.skipWord('OR')) left = { kind: 'or', left, right: this.#and() }
    this.#depth--
    return left
  }

  #and(): Condition {
    let left = this.#not()
    while (this.#reader.skipWord('AND')) left = { kind: 'and', left, right: this.#not() }
    return left
  }

  #not(): Condition {
    let times = 0
    while (this.#reader.skipWord('NOT')) times++
    let condition = this.#primary()
    for (; times > 0; times--) condition = { kind: 'not', of: condition }
    return condition
  }

  #primary(): Condition {
    const reader = this.#reader
    if (!reader.isSign('(')) return this.#comparison()
    const open = reader.position
    reader.take()
    const inner = this.read()
    const close = reader.position
    reader.expect(')')
    if (this.#last.open === open + 1 && this.#last.close === close - 1)
      reader.fault('parens', 'The expression has redundant parentheses;')
    this.#last = { open, close }
    return inner
  }

  /** Where the parentheses stand that were closed last. */
  #last = { open: -1, close: -1 }

  #comparison(): Condition {
    const reader = this.#reader
    const operand = this.#operand()
    const { kind, text } = reader.next
    if (kind === 'sign' && COMPARATORS.includes(text)) {
      reader.take()
      const right = this.#operand()
      this.#checkMisused([operand, right])
      this.#checkDistinct(text, [operand, right])
      return { kind: 'compare', comparator: text as Comparator, left: operand, right }
    }
    if (reader.skipWord('BETWEEN')) {
      const low = this.#operand()
      if (!reader.skipWord('AND')) throw reader.syntaxFault()
      const high = this.#operand()
      this.#checkMisused([operand, low, high])
      this.#checkBounds(low, high)
      return { kind: 'between', operand, low, high }
    }
    if (reader.skipWord('IN')) {
      const list = this.#list(() => this.#operand())
      this.#checkMisused([operand, ...list])
      return { kind: 'in', operand, list }
    }
    if (operand.kind !== 'function') throw reader.syntaxFault()
    if (operand.name === 'size') reader.fault('misused', misusedText('size'))
    return operand
  }

  #list<T>(read: () => T): T[] {
    this.#reader.expect('(')
    const list = [read()]
    while (this.#reader.skip(',')) list.push(read())
    this.#reader.expect(')')
    return list
  }

  #operand(): Operand {
    const reader = this.#reader
    const { kind, text } = reader.next
    if (kind === 'value') return { kind: 'value', value: reader.value() }
    if (kind === 'word' && reader.second.kind === 'sign' && reader.second.text === '(') {
      if (++this.#depth > DEPTH_MAX) throw reader.syntaxFault()
      reader.take()
      const args = this.#list(() => this.#operand())
      this.#depth--
      this.#checkFunction(text, args)
      return { kind: 'function', name: text, args }
    }
    if (kind !== 'word' && kind !== 'name') throw reader.syntaxFault()
    return { kind: 'path', path: reader.path() }
  }

  #checkFunction(name: string, args: readonly Operand[]): void {
    const reader = this.#reader
    const wanted = OPERANDS.get(name)
    this.#checkMisused(args)
    if (wanted === undefined) return reader.fault('unknownFunction', `Invalid function name; function: ${name}`)
    const about = `operator or function: ${name}`
    if (args.length !== wanted) {
      const told = `Incorrect number of operands for operator or function; ${about}, number of operands: ${args.length}`
      return reader.fault('operand', told)
    }
    this.#checkDistinct(name, args)
    const wrongType = (type: string) =>
      reader.fault('function', `Incorrect operand type for operator or function; ${about}, operand type: ${type}`)
    const [first, second] = args.map(typeOfOperand)
    if (name.startsWith('attribute_') && args[0]?.kind !== 'path')
      return reader.fault('function', `Operator or function requires a document path; ${about}`)
    if (name === 'begins_with') {
      const wrong = [first, second].find((type) => type !== undefined && type !== 'S' && type !== 'B')
      if (wrong !== undefined) wrongType(wrong)
    }
    if (name === 'size' && first !== undefined && ['N', 'BOOL', 'NULL'].includes(first)) wrongType(first)
    if (name === 'attribute_type') this.#checkTypeName(args[1], second, wrongType)
  }

  #checkTypeName(operand: Operand | undefined, type: string | undefined, wrongType: (type: string) => void): void {
    if (operand?.kind === 'value' && operand.value === undefined) return
    if (type !== 'S') return wrongType(type ?? '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}')
    const value = operand?.kind === 'value' ? operand.value : undefined
    const name = value && 'S' in value ? value.S : ''
    if (VALUE_TYPES.some((known) => known === name)) return
    const told = `Invalid attribute type name found; type: ${name}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`
    this.#reader.fault('function', told)
  }

  #checkMisused(operands: readonly Operand[]): void {
    for (const operand of operands)
      if (operand.kind === 'function' && operand.name !== 'size') this.#reader.fault('misused', misusedText(operand.name))
  }

  #checkDistinct(name: string, [one, other]: readonly Operand[]): void {
    if (one?.kind !== 'path' || other?.kind !== 'path' || printPath(one.path) !== printPath(other.path)) return
    const told = `The first operand must be distinct from the remaining operands for this operator or function; operator: ${name}, first operand: ${printPath(one.path)}`
    this.#reader.fault('distinct', told)
  }

  #checkBounds(low: Operand, high: Operand): void {
    const [from, to] = [low, high].map((operand) => (operand.kind === 'value' ? operand.value : undefined))
    if (from === undefined || to === undefined) return
    const bounds = `lower bound operand: AttributeValue: ${printValue(from)}, upper bound operand: AttributeValue: ${printValue(to)}`
    if (typeOf(from) !== typeOf(to))
      this.#reader.fault('function', `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`)
    else if ((compareValues(from, to) ?? 0) > 0)
      this.#reader.fault(
        'function',
        `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`,
      )
  }
}

const misusedText = (name: string): string =>
  `The function is not allowed to be used this way in an expression; function: ${name}`

function printValue(value: AttributeValue): string {
  const [[type, content] = []] = Object.entries(value)
  return `{${type}:${String(content)}}`
}

/** Of what is known without an item. */
function typeOfOperand(operand: Operand): string | undefined {
  if (operand.kind === 'function') return operand.name === 'size' ? 'N' : 'BOOL'
  return operand.kind === 'value' && operand.value !== undefined ? typeOf(operand.value) : undefined
}

// ---- asking

export function isMet(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and':
      return isMet(condition.left, item) && isMet(condition.right, item)
    case 'or':
      return isMet(condition.left, item) || isMet(condition.right, item)
    case 'not':
      return !isMet(condition.of, item)
    case 'compare':
      return isCompared(condition.comparator, operandValue(condition.left, item), operandValue(condition.right, item))
    case 'between': {
      const [value, low, high] = [condition.operand, condition.low, condition.high].map((one) => operandValue(one, item))
      return isCompared('>=', value, low) && isCompared('<=', value, high)
    }
    case 'in': {
      const value = operandValue(condition.operand, item)
      return condition.list.some((one) => isCompared('=', value, operandValue(one, item)))
    }
    case 'function':
      return isTrue(
        condition.name,
        condition.args.map((arg) => operandValue(arg, item)),
      )
  }
}

function isCompared(comparator: Comparator, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (left === undefined || right === undefined) return comparator === '<>' && left !== right
  if (comparator === '=') return isEqual(left, right)
  if (comparator === '<>') return !isEqual(left, right)
  const order = compareValues(left, right)
  if (order === undefined) return false
  switch (comparator) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}

function isTrue(name: string, [value, other]: readonly (AttributeValue | undefined)[]): boolean {
  if (name === 'attribute_not_exists') return value === undefined
  if (value === undefined) return false
  if (name === 'attribute_exists') return true
  if (other === undefined) return false
  if (name === 'begins_with') return beginsWith(value, other)
  if (name === 'contains') return contains(value, other)
  return name === 'attribute_type' && 'S' in other && typeOf(value) === other.S
}

function operandValue(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.kind === 'value') return operand.value
  if (operand.kind === 'path') return valueAt(item, operand.path)
  const [arg] = operand.args
  const value = arg && operandValue(arg, item)
  const size = value && sizeOf(value)
  return size === undefined ? undefined : { N: String(size) }
}

// ---- what others have to know of a condition

/** All paths in it. */
export function pathsIn(condition: Condition): Path[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...pathsIn(condition.left), ...pathsIn(condition.right)]
    case 'not':
      return pathsIn(condition.of)
    case 'compare':
      return [condition.left, condition.right].flatMap(pathsOf)
    case 'between':
      return [condition.operand, condition.low, condition.high].flatMap(pathsOf)
    case 'in':
      return [condition.operand, ...condition.list].flatMap(pathsOf)
    case 'function':
      return condition.args.flatMap(pathsOf)
  }
}

const pathsOf = (operand: Operand): Path[] =>
  operand.kind === 'path' ? [operand.path] : operand.kind === 'function' ? operand.args.flatMap(pathsOf) : []

/** Tests that must all be met. */
export const conjuncts = (condition: Condition | undefined): readonly Condition[] =>
  condition === undefined
    ? []
    : condition.kind === 'and'
      ? [...conjuncts(condition.left), ...conjuncts(condition.right)]
      : [condition]

/** Of a test that wants an attribute to have a value. */
export function equalityOf(test: Condition): { readonly name: string; readonly value: AttributeValue } | undefined {
  if (test.kind !== 'compare' || test.comparator !== '=') return undefined
  const [path, other] = test.left.kind === 'path' ? [test.left, test.right] : [test.right, test.left]
  if (path.kind !== 'path' || other.kind !== 'value' || other.value === undefined || path.path.length > 1) return undefined
  return { name: path.path[0], value: other.value }
}
