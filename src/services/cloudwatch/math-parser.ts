/**
 * Reads expressions of metric math: numbers, texts, ids of other queries, functions, operators with their usual precedence.
 * Source: CloudWatch user guide, "Using math expressions with CloudWatch metrics", "Metric math syntax and functions".
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'unary'; readonly of: Expression }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }

/** What binds more tightly has a higher number. */
const PRECEDENCE = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '^': 7,
} as const
export type Operator = keyof typeof PRECEDENCE

export class MathError extends Error {}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|"([^"]*)"|'([^']*)'|(\|\||&&|[=!<>]=|[-+*/^<>(),[\]]))/y
const WORDS: ReadonlyMap<string, Operator> = new Map([
  ['AND', '&&'],
  ['OR', '||'],
])

type Token =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'word' | 'text' | 'sign'; readonly value: string }

/** Throws MathError. */
export function parseMath(text: string): Expression {
  const parser = new Parser(tokensOf(text))
  const expression = parser.expression(0)
  parser.end()
  return expression
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const trimmed = text.trimEnd()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < trimmed.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(trimmed)
    if (!match) throw new MathError(`there is nothing that begins with ${JSON.stringify(trimmed.slice(at, at + 10))}`)
    const [, number, word, text, single, sign] = match
    if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) })
    else if (word !== undefined) tokens.push({ kind: WORDS.has(word) ? 'sign' : 'word', value: WORDS.get(word) ?? word })
    else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign })
    else tokens.push({ kind: 'text', value: text ?? single ?? '' })
  }
  return tokens
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  expression(above: number): Expression {
    let left = this.#operand()
    for (let operator = this.#operator(); operator && PRECEDENCE[operator] > above; operator = this.#operator()) {
      this.#at++
      left = { kind: 'binary', operator, left, right: this.expression(PRECEDENCE[operator]) }
    }
    return left
  }

  end(): void {
    const token = this.#tokens[this.#at]
    if (token) throw new MathError(`${JSON.stringify(token.value)} is not expected`)
  }

  #operator(): Operator | undefined {
    const token = this.#tokens[this.#at]
    return token?.kind === 'sign' && isOperator(token.value) ? token.value : undefined
  }

  #operand(): Expression {
    const token = this.#tokens[this.#at++]
    if (!token) throw new MathError('it ends too early')
    switch (token.kind) {
      case 'number':
        return token
      case 'text':
        return { kind: 'text', value: token.value }
      case 'word':
        return this.#took('(') ? { kind: 'call', name: token.value, args: this.#list(')') } : { kind: 'id', id: token.value }
      case 'sign':
        if (token.value === '-') return { kind: 'unary', of: this.expression(PRECEDENCE['*']) }
        if (token.value === '[') return { kind: 'list', items: this.#list(']') }
        if (token.value === '(') return this.#group()
        throw new MathError(`${JSON.stringify(token.value)} is not expected`)
    }
  }

  #group(): Expression {
    const inner = this.expression(0)
    if (!this.#took(')')) throw new MathError('")" is missing')
    return inner
  }

  #list(close: string): Expression[] {
    const items: Expression[] = []
    if (this.#took(close)) return items
    do items.push(this.expression(0))
    while (this.#took(','))
    if (!this.#took(close)) throw new MathError(`${JSON.stringify(close)} is missing`)
    return items
  }

  #took(sign: string): boolean {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'sign' || token.value !== sign) return false
    this.#at++
    return true
  }
}

const isOperator = (text: string): text is Operator => Object.hasOwn(PRECEDENCE, text)
