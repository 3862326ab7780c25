/** `regente import`: what an AWS account has, or another server, copied to a server with calls that only read there. */
import { TransportError } from '../../wire/client.ts'
import { WireError } from '../../wire/errors.ts'
import { createEndpoints } from '../../aws/endpoints.ts'
import type { Change } from '../../cloudformation/resources/resource.ts'
import { importAll, survey } from '../../transfer/import.ts'
import type { Found } from '../../transfer/inventory.ts'
import { Source } from '../../transfer/source.ts'

import { CliError, EXIT } from '../cli-error.ts'
import { reasonOf } from '../definition-file.ts'
import { regionOfProfile } from '../profile-region.ts'
import { countOf } from '../sizes.ts'
import { defaultEndpoint, targetAt } from '../target.ts'
import { printable } from '../terminal.ts'
import { kindsIn, tellLeft } from '../transfer.ts'

export interface ImportFlags {
  readonly profile?: string
  readonly region?: string
  readonly fromEndpoint?: string
  readonly only?: string
  readonly endpoint?: string
  readonly dryRun?: boolean
}

const OF_AWS = /\.amazonaws\.com(?:\.cn)?$/i

export async function importFrom(flags: ImportFlags): Promise<number> {
  const wanted = kindsIn(flags.only)
  const target = targetAt(flags.endpoint ?? defaultEndpoint())
  const to = new URL(target.endpoint)
  if (OF_AWS.test(to.hostname)) throw new CliError('An import writes to a server of Regente, not to AWS.')
  if (flags.fromEndpoint !== undefined && targetAt(flags.fromEndpoint).endpoint === target.endpoint)
    throw new CliError('--from-endpoint and --endpoint are the same server.')
  const source = await sourceOf(flags)
  const from = await source.place().catch((error: unknown) => {
    if (error instanceof WireError || error instanceof TransportError) throw error
    throw new CliError(`The account cannot be asked: ${reasonOf(error)}`, EXIT.failed)
  })
  process.stdout.write(`From account ${from.account} in ${from.region} to ${target.endpoint}:\n`)
  const { found, left } = await survey(source, wanted)
  if (flags.dryRun === true) {
    for (const one of found) tell('would be copied', one)
    process.stdout.write(`${countOf(found.length, 'thing')} would be copied; ${left.length} left.\n`)
    tellLeft(left)
    return EXIT.ok
  }
  const counts: Record<Change, number> = { created: 0, updated: 0, unchanged: 0, recorded: 0 }
  const failed: { readonly kind: Found['kind']; readonly name: string; readonly reason: string }[] = []
  await importAll(found, {
    from,
    target,
    onDone(one, change) {
      counts[change]++
      if (change !== 'unchanged') tell(change, one)
    },
    onFailed: ({ kind, name }, reason) => failed.push({ kind, name, reason }),
    onWarning: (message) => process.stderr.write(`warning: ${printable(message)}\n`),
  })
  process.stdout.write(
    `${counts.created} created, ${counts.updated} updated, ${counts.unchanged + counts.recorded} unchanged, ${failed.length} failed; ${left.length} left.\n`,
  )
  tellLeft(left)
  for (const { kind, name, reason } of failed) process.stderr.write(`Failed: ${kind}  ${printable(name)}: ${printable(reason)}\n`)
  return failed.length === 0 ? EXIT.ok : EXIT.failed
}

const tell = (what: string, { type, name }: Found): void => {
  process.stdout.write(`  ${what.padEnd(9)} ${type}  ${printable(name)}\n`)
}

async function sourceOf({ profile, region, fromEndpoint }: ImportFlags): Promise<Source> {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE = 'default' } = process.env
  const given = region ?? (profile === undefined ? (AWS_REGION ?? AWS_DEFAULT_REGION) : undefined)
  const wanted = given ?? (await regionOfProfile(profile ?? AWS_PROFILE)) ?? AWS_REGION ?? AWS_DEFAULT_REGION
  if (wanted === undefined && fromEndpoint === undefined)
    throw new CliError('Which region? Give it with --region, or AWS_REGION, or in the profile.')
  return new Source(
    createEndpoints({
      // Nothing is asked of a server of our own here.
      ownUrl: () => fromEndpoint ?? '',
      region: wanted ?? 'us-east-1',
      env: {},
      others: fromEndpoint ?? 'aws',
      profile,
    }),
  )
}
