/** Attributes with those of `names` in small letters: truth may be spelled in any case (Python writes `True`). */
export const foldCase = (attributes: ReadonlyMap<string, string>, names: ReadonlySet<string>): ReadonlyMap<string, string> =>
  new Map([...attributes].map(([name, value]) => [name, names.has(name) ? value.toLowerCase() : value]))
