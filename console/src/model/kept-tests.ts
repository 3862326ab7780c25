/** Events to call a function with, kept in this browser: by the function's name, then their own. */
type Tests = Readonly<Record<string, string>>

const keyOf = (name: string) => `regente.tests.${name}`

export function readTests(name: string): Tests {
  try {
    return JSON.parse(localStorage.getItem(keyOf(name)) ?? '{}') as Tests
  } catch {
    return {}
  }
}

export const keepTest = (name: string, test: string, payload: string): Tests =>
  write(name, { ...readTests(name), [test]: payload })

export function dropTest(name: string, test: string): Tests {
  const { [test]: _, ...rest } = readTests(name)
  return write(name, rest)
}

/** What the browser has no room for is not kept. */
function write(name: string, tests: Tests): Tests {
  try {
    localStorage.setItem(keyOf(name), JSON.stringify(tests))
    return tests
  } catch {
    return readTests(name)
  }
}
