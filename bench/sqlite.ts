/**
 * SQLite by three ways: Node's own, bare and through src/sqlite, and better-sqlite3. Each round of each is a process of its
 * own; rounds are interleaved, and the best of each is shown. Commits are durable (WAL, synchronous=FULL), rows of 1 KB.
 * better-sqlite3 is no dependency: name a folder with a package that has it, or it is left out.
 * Run: node_modules/.bin/node bench/sqlite.ts [folder]
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { Database } from '../src/sqlite/database.ts'

import { perSecond } from './workload.ts'

const ROUNDS = 5
const KEPT = 20_000

interface Connection {
  exec(sql: string): void
  prepare(sql: string): {
    run(...values: (string | number)[]): unknown
    get(...values: number[]): unknown
    all(...values: number[]): unknown[]
  }
  close(): void
}
type Way = (file: string, folder: string) => Connection

const WAYS: Readonly<Record<string, Way>> = {
  'node:sqlite': (file) => new DatabaseSync(file),
  'src/sqlite': (file) => new Database(file),
  'better-sqlite3': (file, folder) => {
    const Better = createRequire(join(folder, 'package.json'))('better-sqlite3') as new (file: string) => Connection
    return new Better(file)
  },
}

function measure(open: Way, folder: string): Record<string, number> {
  const directory = mkdtempSync(join(tmpdir(), 'regente-bench-'))
  const db = open(join(directory, 'bench.sqlite'), folder)
  db.exec('PRAGMA journal_mode = WAL')
  db.exec('PRAGMA synchronous = FULL')
  db.exec('PRAGMA cache_size = -4000')
  db.exec(
    'CREATE TABLE log (id INTEGER PRIMARY KEY, execution INTEGER, sequence INTEGER, chunk TEXT, UNIQUE (execution, sequence))',
  )
  const insert = db.prepare('INSERT INTO log (execution, sequence, chunk) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const chunk = JSON.stringify({ events: 'é'.padEnd(1000, 'abcdefghi ') })
  let next = 0
  const commit = (rows: number) => {
    db.exec('BEGIN IMMEDIATE')
    for (let i = 0; i < rows; i++) insert.run(next++, 0, chunk)
    db.exec('COMMIT')
  }
  const rate = (count: number, work: (index: number) => void): number => {
    const begun = performance.now()
    for (let i = 0; i < count; i++) work(i)
    return perSecond(count, performance.now() - begun)
  }
  while (next < KEPT) commit(1000)
  const one = db.prepare('SELECT * FROM log WHERE id = ?')
  const page = db.prepare('SELECT * FROM log WHERE id > ? ORDER BY id LIMIT 1000')
  const figures = {
    'commits/s of 1 row': rate(2_000, () => commit(1)),
    'commits/s of 64 rows': rate(400, () => commit(64)),
    'single rows/s': rate(100_000, (i) => void one.get(1 + ((i * 7919) % KEPT))),
    'lists/s of 1,000 rows': rate(100, (i) => void page.all((i * 131) % (KEPT - 1000))),
    'MB of memory': Math.round(process.memoryUsage().rss / 1e6),
  }
  db.close()
  rmSync(directory, { recursive: true })
  return figures
}

const [folder = '', asked] = process.argv.slice(2)
const way = asked === undefined ? undefined : WAYS[asked]
if (way) {
  console.log(JSON.stringify(measure(way, folder)))
} else {
  const names = Object.keys(WAYS).filter((name) => folder !== '' || name !== 'better-sqlite3')
  const rounds = Array.from({ length: ROUNDS }, () =>
    names.map((name) => {
      const round = execFileSync(process.execPath, [import.meta.filename, folder, name], { encoding: 'utf8' })
      return JSON.parse(round) as Record<string, number>
    }),
  )
  const table = names.map((name, i) => {
    const ofName = rounds.map((round) => round[i] ?? {})
    const best = Object.keys(ofName[0] ?? {}).map((figure) => {
      const values = ofName.map((round) => round[figure] ?? Number.NaN)
      return [figure, figure.startsWith('MB') ? Math.min(...values) : Math.max(...values)]
    })
    return { by: name, ...Object.fromEntries(best) }
  })
  console.log(`Node ${process.version}`)
  console.table(table)
}
