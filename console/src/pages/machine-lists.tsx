/** Versions and tags of a state machine. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { states } from '../api/client.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { Problem } from '../ui/error.tsx'
import { Records } from '../ui/records.tsx'
import { showTime } from '../ui/time.ts'
import { useMessages } from '../messages/messages.tsx'
import { qualifierOf, useVersions } from './machine-targets.ts'

interface VersionsProps {
  readonly arn: string
  readonly onStart: (qualifiedArn: string) => void
}

export function Versions({ arn, onStart }: VersionsProps) {
  const { t, language } = useMessages()
  const queries = useQueryClient()
  const { data, error } = useVersions(arn)
  const [description, setDescription] = useState('')
  const changed = () => queries.invalidateQueries({ queryKey: ['versions', arn] })
  const publish = useMutation({
    mutationFn: () => states('PublishStateMachineVersion', { stateMachineArn: arn, ...(description !== '' && { description }) }),
    onSuccess: () => {
      setDescription('')
      return changed()
    },
  })
  return (
    <>
      <Records
        title={t('versions')}
        items={data}
        error={error ?? publish.error}
        empty={t('versionEmpty')}
        columns={[
          { header: t('version'), text: ({ stateMachineVersionArn }) => qualifierOf(stateMachineVersionArn) },
          { header: t('arn'), isLong: true, text: ({ stateMachineVersionArn = '' }) => stateMachineVersionArn },
          { header: t('created'), text: ({ creationDate }) => showTime(creationDate, language) },
          {
            header: t('actions'),
            text: () => '',
            cell: ({ stateMachineVersionArn = '' }) => {
              const version = qualifierOf(stateMachineVersionArn)
              return (
                <span className="inline-actions">
                  <Button
                    variant="inline-link"
                    ariaLabel={`${t('start')}: ${version}`}
                    onClick={() => onStart(stateMachineVersionArn)}
                  >
                    {t('start')}
                  </Button>
                  <ConfirmButton
                    isInline
                    label={t('remove')}
                    fullLabel={`${t('remove')}: ${version}`}
                    question={t('deleteSure', { name: version })}
                    onYes={() => states('DeleteStateMachineVersion', { stateMachineVersionArn }).then(changed)}
                  />
                </span>
              )
            },
          },
        ]}
      />
      <form
        className="form short"
        onSubmit={(event) => {
          event.preventDefault()
          publish.mutate()
        }}
      >
        <label>
          {t('description')}
          <input value={description} maxLength={256} onChange={(event) => setDescription(event.target.value)} />
        </label>
        <Button formAction="submit" loading={publish.isPending}>
          {t('publishVersion')}
        </Button>
      </form>
    </>
  )
}

export function Tags({ arn }: { readonly arn: string }) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const { data, error } = useQuery({
    queryKey: ['tags', arn],
    queryFn: ({ signal }) => states('ListTagsForResource', { resourceArn: arn }, signal),
  })
  const [key, setKey] = useState('')
  const [value, setValue] = useState('')
  const changed = () => queries.invalidateQueries({ queryKey: ['tags', arn] })
  const add = useMutation({
    mutationFn: () => states('TagResource', { resourceArn: arn, tags: [{ key, value }] }),
    onSuccess: () => {
      setKey('')
      setValue('')
      return changed()
    },
  })
  return (
    <>
      <Records
        title={t('tags')}
        items={data?.tags}
        error={error}
        columns={[
          { header: t('key'), text: ({ key }) => key ?? '' },
          { header: t('value'), text: ({ value }) => value ?? '' },
          {
            header: t('actions'),
            text: () => '',
            cell: ({ key = '' }) => (
              <ConfirmButton
                isInline
                label={t('remove')}
                fullLabel={`${t('remove')}: ${key}`}
                question={t('deleteSure', { name: key })}
                onYes={() => states('UntagResource', { resourceArn: arn, tagKeys: [key] }).then(changed)}
              />
            ),
          },
        ]}
      />
      <form
        className="form short"
        onSubmit={(event) => {
          event.preventDefault()
          if (key !== '') add.mutate()
        }}
      >
        <label>
          {t('key')} <input value={key} maxLength={128} onChange={(event) => setKey(event.target.value)} />
        </label>
        <label>
          {t('value')} <input value={value} maxLength={256} onChange={(event) => setValue(event.target.value)} />
        </label>
        <Button formAction="submit" disabled={key === ''} loading={add.isPending}>
          {t('setTag')}
        </Button>
      </form>
      <Problem error={add.error} />
    </>
  )
}
