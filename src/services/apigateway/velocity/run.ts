/**
 * Runs a template over the values that it is handed. All work is counted (`expr/work.ts`): whatever a template loops, prints or
 * matches ends before others wait for it.
 * Kept as API Gateway has it: what is not there, and what is null, prints as nothing; a call of what cannot be called is nothing.
 */
import { Work, WorkSpent } from '../../../expr/work.ts'

import { callMethod, propertyOf } from './methods.ts'
import { type Expression, type Node, type Operation, type Reference, type Step, type Template, TemplateError } from './syntax.ts'
import { isMap, printValue, spent, type Value } from './value.ts'

/** Macros call each other, and themselves. */
const CALLS_MAX = 64
const ITEMS_MAX = 100_000

/** What was printed. Throws TemplateError. The variables are those that it begins with, and may change. */
export function runTemplate(template: Template, variables: Map<string, Value>, work = new Work()): string {
  try {
    const run = new Run(variables, work)
    run.all(template)
    return run.printed
  } catch (error) {
    if (error instanceof WorkSpent) throw new TemplateError('The template asks for more work than it may.', { cause: error })
    throw error
  }
}

class Run {
  readonly #variables: Map<string, Value>
  readonly #work: Work
  readonly #blocks = new Map<string, Template>()
  readonly #macros = new Map<string, Extract<Node, { kind: 'macro' }>>()
  #pieces: string[] = []
  #calls = 0
  #ends: 'loop' | 'template' | undefined

  constructor(variables: Map<string, Value>, work: Work) {
    this.#variables = variables
    this.#work = work
  }

  get printed(): string {
    return this.#pieces.join('')
  }

  all(template: Template): void {
    for (const node of template) {
      if (this.#ends !== undefined) return
      this.#work.spend(1)
      this.#one(node)
    }
  }

  #one(node: Node): void {
    switch (node.kind) {
      case 'text':
        return this.#print(node.text)
      case 'reference':
        return this.#printReference(node.reference)
      case 'set':
        return this.#set(node.target, this.#value(node.value))
      case 'if': {
        const taken = node.branches.find(({ condition }) => condition === undefined || this.#isTrue(condition))
        return taken && this.all(taken.body)
      }
      case 'foreach':
        return this.#loop(node)
      case 'define':
        return void this.#blocks.set(node.name, node.body)
      case 'macro':
        return void this.#macros.set(node.name, node)
      case 'call':
        return this.#call(node)
      case 'break':
        this.#ends = 'loop'
        return
      case 'stop':
        this.#ends = 'template'
    }
  }

  #print(text: string): void {
    this.#pieces.push(spent(text, this.#work))
  }

  #printReference(reference: Reference): void {
    const block = reference.steps.length === 0 ? this.#blocks.get(reference.name) : undefined
    if (block) this.#nested(() => this.all(block))
    else this.#print(printValue(this.#find(reference) ?? '', this.#work))
  }

  #loop({ name, list, body }: Extract<Node, { kind: 'foreach' }>): void {
    const items = itemsOf(this.#value(list))
    const before = [name, 'foreach', 'velocityCount'].map((one) => [one, this.#variables.get(one)] as const)
    for (const [index, item] of items.entries()) {
      this.#work.spend(2)
      this.#variables.set(name, item)
      this.#variables.set('velocityCount', index + 1)
      this.#variables.set('foreach', place(index, items.length))
      this.all(body)
      if (this.#ends !== undefined) break
    }
    if (this.#ends === 'loop') this.#ends = undefined
    for (const [one, value] of before) {
      if (value === undefined) this.#variables.delete(one)
      else this.#variables.set(one, value)
    }
  }

  #call({ name, values }: Extract<Node, { kind: 'call' }>): void {
    const macro = this.#macros.get(name)
    if (!macro) return
    const given = values.map((value) => this.#value(value))
    macro.parameters.forEach((parameter, at) => void this.#variables.set(parameter, given[at] ?? null))
    this.#nested(() => this.all(macro.body))
  }

  #nested(run: () => void): void {
    if (++this.#calls > CALLS_MAX) throw new TemplateError('The template calls itself too often.')
    run()
    this.#calls--
  }

  #set({ name, steps }: Reference, value: Value): void {
    const last = steps.at(-1)
    if (!last) return void this.#variables.set(name, value)
    let holder = this.#variables.get(name) ?? null
    for (const step of steps.slice(0, -1)) holder = this.#step(holder, step) ?? null
    if (last.kind === 'method') return
    const key = last.kind === 'property' ? last.name : this.#value(last.index)
    if (isMap(holder)) holder.set(printValue(key, this.#work), value)
    else if (Array.isArray(holder) && typeof key === 'number' && key >= 0 && key < holder.length) holder[key] = value
  }

  #find({ name, steps }: Reference): Value | undefined {
    let found = this.#variables.get(name)
    for (const step of steps) {
      if (found === undefined || found === null) return undefined
      found = this.#step(found, step)
    }
    return found
  }

  #step(self: Value, step: Step): Value | undefined {
    if (step.kind === 'property') return propertyOf(self, step.name, this.#work)
    if (step.kind === 'method') {
      const values = step.values.map((value) => this.#value(value))
      return callMethod(self, step.name, values, this.#work)
    }
    const index = this.#value(step.index)
    if (Array.isArray(self)) return typeof index === 'number' ? self.at(index) : undefined
    return propertyOf(self, printValue(index, this.#work), this.#work)
  }

  #isTrue(condition: Expression): boolean {
    const value = this.#value(condition)
    return value !== null && value !== false && value !== ''
  }

  #value(expression: Expression): Value {
    this.#work.spend(1)
    switch (expression.kind) {
      case 'literal':
        return expression.value
      case 'interpolated':
        return this.#interpolated(expression.template)
      case 'reference':
        return this.#find(expression.reference) ?? null
      case 'list':
        return expression.items.map((item) => this.#value(item))
      case 'range':
        return this.#range(this.#value(expression.from), this.#value(expression.to))
      case 'map':
        return new Map(expression.entries.map(([key, value]) => [printValue(this.#value(key), this.#work), this.#value(value)]))
      case 'not':
        return !this.#isTrue(expression.operand)
      case 'minus': {
        const operand = this.#value(expression.operand)
        return typeof operand === 'number' ? -operand : null
      }
      case 'operations':
        return this.#operations(expression.first, expression.rest)
    }
  }

  #interpolated(template: Template): string {
    const outer = this.#pieces
    this.#pieces = []
    this.all(template)
    const text = this.printed
    this.#pieces = outer
    return text
  }

  #range(from: Value, to: Value): Value {
    if (typeof from !== 'number' || typeof to !== 'number') return null
    const count = Math.abs(to - from) + 1
    if (count > ITEMS_MAX) throw new TemplateError('A range is too long.')
    this.#work.spend(count)
    return Array.from({ length: count }, (_, at) => (from <= to ? from + at : from - at))
  }

  #operations(first: Expression, rest: readonly Operation[]): Value {
    const [{ operator } = { operator: '||' }] = rest
    // `||` and `&&` stand alone on their level: what decides ends it.
    if (operator === '||') return this.#isTrue(first) || rest.some(({ operand }) => this.#isTrue(operand))
    if (operator === '&&') return this.#isTrue(first) && rest.every(({ operand }) => this.#isTrue(operand))
    return rest.reduce<Value>((left, operation) => this.#operate(left, operation), this.#value(first))
  }

  #operate(left: Value, { operator, operand }: Operation): Value {
    const right = this.#value(operand)
    if (operator === '==') return this.#isEqual(left, right)
    if (operator === '!=') return !this.#isEqual(left, right)
    if (operator === '+' && (typeof left === 'string' || typeof right === 'string'))
      return spent(printValue(left, this.#work) + printValue(right, this.#work), this.#work)
    if (typeof left !== 'number' || typeof right !== 'number') return null
    switch (operator) {
      case '+':
        return left + right
      case '-':
        return left - right
      case '*':
        return left * right
      case '/':
        return right === 0 ? null : areWhole(left, right) ? Math.trunc(left / right) : left / right
      case '%':
        return right === 0 ? null : left % right
      case '<':
        return left < right
      case '<=':
        return left <= right
      case '>':
        return left > right
      case '>=':
        return left >= right
      default:
        return null
    }
  }

  /** Of other kinds, by what they print. */
  #isEqual(left: Value, right: Value): boolean {
    if (left === right) return true
    if (left === null || right === null || typeof left === typeof right) return false
    return printValue(left, this.#work) === printValue(right, this.#work)
  }
}

const areWhole = (a: number, b: number): boolean => Number.isInteger(a) && Number.isInteger(b)

/** Of a map its values. */
function itemsOf(list: Value): readonly Value[] {
  if (Array.isArray(list)) return [...list]
  return isMap(list) ? [...list.values()] : []
}

function place(index: number, count: number): Value {
  const members = new Map<string, Value>([
    ['index', index],
    ['count', index + 1],
    ['hasNext', index + 1 < count],
    ['first', index === 0],
    ['last', index + 1 === count],
  ])
  return { property: (name) => members.get(name) }
}
