/** What the command line of a benchmark says: settings as `name=value`, and the checkouts to measure; this one unless told. */
import { join } from 'node:path'

const args = process.argv.slice(2)
const given = args.filter((arg) => !arg.includes('='))

export const setting = (name: string): string | undefined =>
  args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1)
export const checkouts: readonly string[] = given.length === 0 ? [join(import.meta.dirname, '..')] : given
