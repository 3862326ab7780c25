/**
 * Node's SQLite. Node 22 and the first releases of 24 print, whenever it is loaded, that it is experimental; nobody who
 * runs Regente can do anything about that, so the notice is left out. Throws where Node has none (before 22.13).
 */
export const { DatabaseSync, backup } = load()

/** Node before 24.16 cuts the text that it reads at a NUL character. */
export const cutsTextAtNul = new DatabaseSync(':memory:').prepare("SELECT 'a' || char(0) AS text").get()?.['text'] === 'a'

function load(): typeof import('node:sqlite') {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    const sqlite: typeof import('node:sqlite') | undefined = process.getBuiltinModule('node:sqlite')
    if (sqlite === undefined) throw new Error(`Regente needs Node 22.18, or 24 and newer; this is ${process.version}.`)
    return sqlite
  } finally {
    process.emitWarning = emitWarning
  }
}
