/**
 * One commit for many callers: what is asked for in one turn of the event loop is done at its end, in the order in which it was
 * asked for, in one transaction.
 * 1. Nobody hears of success before the commit.
 * 2. One that throws before it has written anything harms nobody. Where one throws later, or the commit fails, nothing is done,
 *    and each is done again in a transaction of its own: so whoever cannot be done fails alone. A savepoint for each instead
 *    would cost about as much as a small write.
 * 3. Nothing runs between them: no other code sees the open transaction.
 */

/** Of a database. */
export interface Transactions {
  readonly inTransaction: boolean
  /** Grows with each statement that may write. */
  readonly writes: number
  transaction<T>(work: () => T): T
}

interface Member {
  /** Within the transaction of all. Throws where that has to be undone. */
  join(): void
  /** Once that is committed. */
  tell(): void
  /** Never throws. */
  doAlone(): void
}

/** Then the event loop has its turn: some milliseconds' work. */
const MEMBERS_MAX = 256

export class GroupCommit {
  readonly #database: Transactions
  #waiting: Member[] = []

  constructor(database: Transactions) {
    this.#database = database
  }

  /** Resolves when what `work` did is committed. Rejects with what it throws, or with why it could not be committed. */
  add<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#schedule()
      this.#waiting.push(memberOf(this.#database, work, resolve, reject))
    })
  }

  #schedule(): void {
    setImmediate(() => this.#commit())
  }

  #commit(): void {
    const members = this.#waiting.splice(0, MEMBERS_MAX)
    if (this.#waiting.length > 0) this.#schedule()
    const isDone = members.length > 1 && this.#doTogether(members)
    for (const member of members) {
      if (isDone) member.tell()
      else member.doAlone()
    }
  }

  #doTogether(members: readonly Member[]): boolean {
    try {
      this.#database.transaction(() => {
        for (const member of members) member.join()
      })
      return true
    } catch {
      return false // each will say why itself
    }
  }
}

function memberOf<T>(
  database: Transactions,
  work: () => T,
  resolve: (result: T) => void,
  reject: (error: unknown) => void,
): Member {
  let tell = (): void => {}
  return {
    join() {
      const { writes } = database
      try {
        const result = work()
        tell = () => resolve(result)
      } catch (error) {
        // SQLite undoes everything by itself where the disk is full.
        if (database.writes !== writes || !database.inTransaction) throw error
        tell = () => reject(error)
      }
    },
    tell: () => tell(),
    doAlone() {
      try {
        resolve(database.transaction(work))
      } catch (error) {
        reject(error)
      }
    },
  }
}
