/** What can be started of a machine: itself, its versions, its aliases. */
import { useQuery } from '@tanstack/react-query'

import { useMessages } from '../messages/messages.tsx'
import { allPages, type OutputOf, states } from '../api/client.ts'

type Version = NonNullable<OutputOf<'ListStateMachineVersions'>['stateMachineVersions']>[number]
type Alias = NonNullable<OutputOf<'ListStateMachineAliases'>['stateMachineAliases']>[number]

export function useVersions(stateMachineArn: string) {
  return useQuery({
    queryKey: ['versions', stateMachineArn],
    queryFn: async ({ signal }) => {
      const found: Version[] = []
      await allPages(
        (nextToken) => states('ListStateMachineVersions', { stateMachineArn, maxResults: 1_000, nextToken }, signal),
        ({ stateMachineVersions = [] }) => {
          found.push(...stateMachineVersions)
          return true
        },
      )
      return found
    },
  })
}

export function useAliases(stateMachineArn: string) {
  return useQuery({
    queryKey: ['aliases', stateMachineArn],
    queryFn: async ({ signal }) => {
      const found: Alias[] = []
      await allPages(
        (nextToken) => states('ListStateMachineAliases', { stateMachineArn, maxResults: 1_000, nextToken }, signal),
        ({ stateMachineAliases = [] }) => {
          found.push(...stateMachineAliases)
          return true
        },
      )
      return Promise.all(
        found.map(({ stateMachineAliasArn }) => states('DescribeStateMachineAlias', { stateMachineAliasArn }, signal)),
      )
    },
  })
}

/** The last part of a version's or alias's ARN. */
export const qualifierOf = (arn = ''): string => arn.split(':').at(-1) ?? ''

/** ARN and shown name of each; the machine itself, as it is now, first. */
export function useTargets(stateMachineArn: string): readonly (readonly [arn: string, label: string])[] {
  const { t } = useMessages()
  const { data: versions = [] } = useVersions(stateMachineArn)
  const { data: aliases = [] } = useAliases(stateMachineArn)
  return [
    [stateMachineArn, t('latest')],
    ...aliases.map(({ stateMachineAliasArn = '', name = '' }) => [stateMachineAliasArn, `${t('alias')} ${name}`] as const),
    ...versions.map(
      ({ stateMachineVersionArn = '' }) =>
        [stateMachineVersionArn, `${t('version')} ${qualifierOf(stateMachineVersionArn)}`] as const,
    ),
  ]
}
