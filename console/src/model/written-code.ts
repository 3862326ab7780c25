/** Code that is written in place of what is on the server, and what becomes of it when that changes. */

/** As it is on the server. */
export interface ServedCode {
  readonly revision: string | undefined
  readonly texts: ReadonlyMap<string, string>
}

export interface WrittenCode {
  /** What it was begun from. */
  readonly base: ServedCode
  /** What the server had when it was looked at last. */
  readonly seen: ServedCode
  readonly texts: ReadonlyMap<string, string>
}

export const begin = (served: ServedCode): WrittenCode => ({ base: served, seen: served, texts: served.texts })

export const isUnsaved = ({ base, texts }: WrittenCode): boolean =>
  texts.size !== base.texts.size || [...texts].some(([path, text]) => base.texts.get(path) !== text)

/** What was written stays, on what it was begun from: saving it over what is newer is for the server to refuse. */
export const lookedAt = (written: WrittenCode, served: ServedCode): WrittenCode =>
  isUnsaved(written) ? { ...written, seen: served } : begin(served)

export const write = (written: WrittenCode, path: string, text: string): WrittenCode => ({
  ...written,
  texts: new Map(written.texts).set(path, text),
})

/** The server took those texts; what was written meanwhile stays. */
export const saved = (written: WrittenCode, served: ServedCode): WrittenCode => ({ ...written, base: served })
