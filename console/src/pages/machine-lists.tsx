/** Versions, aliases and tags of a state machine. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery } from '@tanstack/react-query'

import { states } from '../api/client.ts'
import { Records } from '../ui/records.tsx'
import { showTime } from '../ui/time.ts'
import { useMessages } from '../messages/messages.tsx'

export function Versions({ arn }: { readonly arn: string }) {
  const { t, language } = useMessages()
  const { data, error, refetch } = useQuery({
    queryKey: ['versions', arn],
    queryFn: ({ signal }) => states('ListStateMachineVersions', { stateMachineArn: arn, maxResults: 1_000 }, signal),
  })
  const publish = useMutation({
    mutationFn: () => states('PublishStateMachineVersion', { stateMachineArn: arn }),
    onSuccess: () => refetch(),
  })
  return (
    <Records
      title={t('versions')}
      items={data?.stateMachineVersions}
      error={error ?? publish.error}
      empty={t('versionEmpty')}
      actions={
        <Button loading={publish.isPending} onClick={() => publish.mutate()}>
          {t('publishVersion')}
        </Button>
      }
      columns={[
        { header: t('version'), text: ({ stateMachineVersionArn = '' }) => stateMachineVersionArn.split(':').at(-1) ?? '' },
        { header: t('arn'), text: ({ stateMachineVersionArn = '' }) => stateMachineVersionArn },
        { header: t('created'), text: ({ creationDate }) => showTime(creationDate, language) },
      ]}
    />
  )
}

export function Aliases({ arn }: { readonly arn: string }) {
  const { t, language } = useMessages()
  const { data, error } = useQuery({
    queryKey: ['aliases', arn],
    queryFn: async ({ signal }) => {
      const { stateMachineAliases = [] } = await states(
        'ListStateMachineAliases',
        { stateMachineArn: arn, maxResults: 100 },
        signal,
      )
      return Promise.all(
        stateMachineAliases.map(({ stateMachineAliasArn }) =>
          states('DescribeStateMachineAlias', { stateMachineAliasArn }, signal),
        ),
      )
    },
  })
  return (
    <Records
      title={t('aliases')}
      items={data}
      error={error}
      empty={t('aliasEmpty')}
      columns={[
        { header: t('alias'), text: ({ name }) => name ?? '' },
        {
          header: t('routing'),
          text: ({ routingConfiguration = [] }) =>
            routingConfiguration
              .map(({ stateMachineVersionArn = '', weight }) => `${stateMachineVersionArn.split(':').at(-1)}: ${weight} %`)
              .join(', '),
        },
        { header: t('arn'), text: ({ stateMachineAliasArn }) => stateMachineAliasArn ?? '' },
        { header: t('created'), text: ({ creationDate }) => showTime(creationDate, language) },
      ]}
    />
  )
}

export function Tags({ arn }: { readonly arn: string }) {
  const { t } = useMessages()
  const { data, error } = useQuery({
    queryKey: ['tags', arn],
    queryFn: ({ signal }) => states('ListTagsForResource', { resourceArn: arn }, signal),
  })
  return (
    <Records
      title={t('tags')}
      items={data?.tags}
      error={error}
      columns={[
        { header: t('key'), text: ({ key }) => key ?? '' },
        { header: t('value'), text: ({ value }) => value ?? '' },
      ]}
    />
  )
}
