/** Aliases of a state machine: made, pointed to one or two versions with their shares, started, deleted. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { type OutputOf, states } from '../api/client.ts'
import { nameProblem } from '../model/names.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { Problem } from '../ui/error.tsx'
import { Records } from '../ui/records.tsx'
import { showTime } from '../ui/time.ts'
import { useMessages } from '../messages/messages.tsx'
import { qualifierOf, useAliases, useVersions } from './machine-targets.ts'

type Alias = OutputOf<'DescribeStateMachineAlias'>

interface AliasesProps {
  readonly arn: string
  readonly onStart: (qualifiedArn: string) => void
}

export function Aliases({ arn, onStart }: AliasesProps) {
  const { t, language } = useMessages()
  const queries = useQueryClient()
  const { data, error } = useAliases(arn)
  const [edited, edit] = useState<Alias>()
  const changed = () => queries.invalidateQueries({ queryKey: ['aliases', arn] })
  return (
    <>
      <Records
        title={t('aliases')}
        items={data}
        error={error}
        empty={t('aliasEmpty')}
        columns={[
          { header: t('alias'), text: ({ name }) => name ?? '' },
          { header: t('routing'), text: (alias) => routesOf(alias).map(showRoute).join(', ') },
          { header: t('arn'), isLong: true, text: ({ stateMachineAliasArn }) => stateMachineAliasArn ?? '' },
          { header: t('createdMasculine'), text: ({ creationDate }) => showTime(creationDate, language) },
          {
            header: t('actions'),
            text: () => '',
            cell: (alias) => {
              const { name = '', stateMachineAliasArn = '' } = alias
              return (
                <span className="inline-actions">
                  <Button
                    variant="inline-link"
                    ariaLabel={`${t('start')}: ${name}`}
                    onClick={() => onStart(stateMachineAliasArn)}
                  >
                    {t('start')}
                  </Button>
                  <Button variant="inline-link" ariaLabel={`${t('edit')}: ${name}`} onClick={() => edit(alias)}>
                    {t('edit')}
                  </Button>
                  <ConfirmButton
                    isInline
                    label={t('remove')}
                    fullLabel={`${t('remove')}: ${name}`}
                    question={t('deleteSure', { name })}
                    onYes={() => states('DeleteStateMachineAlias', { stateMachineAliasArn }).then(changed)}
                  />
                </span>
              )
            },
          },
        ]}
      />
      <AliasForm
        key={edited?.stateMachineAliasArn ?? ''}
        arn={arn}
        alias={edited}
        onDone={() => {
          edit(undefined)
          return changed()
        }}
      />
    </>
  )
}

interface Route {
  readonly stateMachineVersionArn: string
  readonly weight: number
}

const routesOf = ({ routingConfiguration = [] }: Alias): readonly Route[] =>
  routingConfiguration.map(({ stateMachineVersionArn = '', weight = 0 }) => ({ stateMachineVersionArn, weight }))

const showRoute = ({ stateMachineVersionArn, weight }: Route): string => `${qualifierOf(stateMachineVersionArn)}: ${weight} %`

const WHOLE = 100

interface AliasFormProps {
  readonly arn: string
  /** The one that is changed; without it, a new one is made. */
  readonly alias: Alias | undefined
  readonly onDone: () => Promise<unknown>
}

function AliasForm({ arn, alias, onDone }: AliasFormProps) {
  const { t } = useMessages()
  const { data: versions = [] } = useVersions(arn)
  const [first, second] = alias ? routesOf(alias) : []
  const [name, setName] = useState(alias?.name ?? '')
  const [main, setMain] = useState(first?.stateMachineVersionArn)
  const [share, setShare] = useState(first?.weight ?? WHOLE)
  const [other, setOther] = useState(second?.stateMachineVersionArn)
  const arns = versions.flatMap(({ stateMachineVersionArn }) => stateMachineVersionArn ?? [])
  const chosen = main ?? arns[0]
  const rest = other ?? arns.find((one) => one !== chosen)
  const isShared = share < WHOLE && rest !== undefined
  const save = useMutation({
    mutationFn: async () => {
      if (chosen === undefined) return
      const routingConfiguration = [
        { stateMachineVersionArn: chosen, weight: isShared ? share : WHOLE },
        ...(isShared ? [{ stateMachineVersionArn: rest, weight: WHOLE - share }] : []),
      ]
      const stateMachineAliasArn = alias?.stateMachineAliasArn
      if (stateMachineAliasArn === undefined) await states('CreateStateMachineAlias', { name, routingConfiguration })
      else await states('UpdateStateMachineAlias', { stateMachineAliasArn, routingConfiguration })
    },
    onSuccess: () => {
      setName('')
      return onDone()
    },
  })
  if (arns.length === 0) return <p>{t('aliasNeedsVersion')}</p>
  const fault = name === '' ? undefined : nameProblem(name)
  const versionChoice = (label: string, value: string | undefined, choose: (arn: string) => void) => (
    <label>
      {label}{' '}
      <select className="choice" value={value ?? ''} onChange={(event) => choose(event.target.value)}>
        {arns.map((one) => (
          <option key={one} value={one}>
            {qualifierOf(one)}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <>
      <h2>{alias ? `${t('edit')}: ${alias.name}` : t('newAlias')}</h2>
      <form
        className="form short"
        onSubmit={(event) => {
          event.preventDefault()
          if (name !== '' && !fault) save.mutate()
        }}
      >
        {!alias && (
          <label>
            {t('name')}
            {fault && <small>{t(fault)}</small>}
            <input value={name} autoComplete="off" maxLength={80} onChange={(event) => setName(event.target.value)} />
          </label>
        )}
        {versionChoice(t('version'), chosen, setMain)}
        {arns.length > 1 && (
          <>
            <label>
              {t('share')}{' '}
              <input
                type="number"
                min={0}
                max={WHOLE}
                value={share}
                onChange={(event) => setShare(Math.min(WHOLE, Math.max(0, Math.trunc(event.target.valueAsNumber) || 0)))}
              />
            </label>
            {share < WHOLE && versionChoice(t('otherVersion', { share: WHOLE - share }), rest, setOther)}
          </>
        )}
        {alias && <Button onClick={() => void onDone()}>{t('cancel')}</Button>}
        <Button formAction="submit" loading={save.isPending} disabled={name === '' || fault !== undefined}>
          {t(alias ? 'save' : 'create')}
        </Button>
      </form>
      <Problem error={save.error} />
    </>
  )
}
