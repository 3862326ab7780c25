/** A reading position in a text, and the one exception that parsers of this room throw to their own front door. */

export interface SyntaxProblem {
  readonly message: string
  /** Where, in UTF-16 units from the start of the text. */
  readonly offset: number
}

/** Thrown by readers and caught by the compile functions; never leaves this room. */
export class SyntaxFault extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

export class Cursor {
  readonly text: string
  at: number

  constructor(text: string, at = 0) {
    this.text = text
    this.at = at
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  /** The character here, or '' at the end. */
  get char(): string {
    return this.text.charAt(this.at)
  }

  skipBlanks(): void {
    while (this.char === ' ' || this.char === '\t' || this.char === '\n' || this.char === '\r') this.at++
  }

  /** Steps over `expected` when it stands here. */
  take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false
    this.at += expected.length
    return true
  }

  need(expected: string): void {
    if (!this.take(expected)) this.fail(`expected '${expected}'`)
  }

  /** Steps over what the sticky pattern matches here; undefined when it does not match. */
  match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.at
    const found = sticky.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  fail(message: string, offset = this.at): never {
    throw new SyntaxFault(message, offset)
  }
}
