/**
 * Starts an execution: the input checked as it is typed, those that were used before at hand, and what earlier executions had
 * told. An Express workflow runs to its end here, with a link to its states.
 */
import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import Modal from '@cloudscape-design/components/modal'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Suspense, useMemo, useState } from 'react'

import type { Json } from '../../../src/base/json.ts'
import { findJsonSyntaxError } from '../../../src/source/json.ts'
import { states } from '../api/client.ts'
import { queryMachine } from '../api/machine.ts'
import { useTargets } from './machine-targets.ts'
import { nameProblem } from '../model/names.ts'
import { exampleOf, guessShape, type Kind, type MissingMember, missingMembers, namesOf } from '../model/input-schema.ts'
import { indented } from '../model/json-text.ts'
import { Problem } from '../ui/error.tsx'
import { JsonView } from '../ui/json-view.tsx'
import { lazily } from '../ui/lazily.ts'
import { Loading } from '../ui/loading.tsx'
import { Status } from '../ui/status.tsx'
import { go, Link, pathTo } from '../router.tsx'
import { tellDiagnostic } from '../messages/diagnostics.ts'
import type { MessageKey } from '../messages/en.ts'
import { useMessages } from '../messages/messages.tsx'

const JsonEditor = lazily(() => import('../editor/json-editor.tsx'))

interface StartDialogProps {
  readonly stateMachineArn: string
  /** Of the version or alias that is chosen at first. */
  readonly qualifiedArn?: string | undefined
  readonly firstInput?: string | undefined
  readonly onClose: () => void
}

const RECENT_MAX = 10
const keyOf = (arn: string) => `regente.inputs.${arn}`
const recentInputs = (arn: string): readonly string[] => JSON.parse(localStorage.getItem(keyOf(arn)) ?? '[]') as string[]

function remember(arn: string, input: string): void {
  const kept = [input, ...recentInputs(arn).filter((one) => one !== input)].slice(0, RECENT_MAX)
  try {
    localStorage.setItem(keyOf(arn), JSON.stringify(kept))
  } catch {
    localStorage.removeItem(keyOf(arn))
  }
}

export function StartDialog({ stateMachineArn, qualifiedArn, firstInput, onClose }: StartDialogProps) {
  const { t, language } = useMessages()
  const recent = recentInputs(stateMachineArn)
  const known = firstInput ?? recent[0]
  const [written, setInput] = useState(() => (known === undefined ? undefined : indented(known)))
  const [name, setName] = useState('')
  const { data: machine } = useQuery(queryMachine(stateMachineArn))
  const targets = useTargets(stateMachineArn)
  const [target, setTarget] = useState(qualifiedArn ?? stateMachineArn)
  const isExpress = machine?.type === 'EXPRESS'
  const earlier = useEarlier(stateMachineArn, machine !== undefined && !isExpress)
  const shape = earlier?.shape
  // Until something is written: what the latest execution was started with.
  const input = written ?? (earlier?.latest === undefined ? '{}' : indented(earlier.latest))
  const parsed = useMemo(() => parse(input), [input])
  const missing = shape && parsed.value !== undefined ? missingMembers(shape, parsed.value) : []
  const start = useMutation({
    mutationFn: async () => {
      const given = { stateMachineArn: target, input, ...(name !== '' && { name }) }
      if (isExpress) return { ended: await states('StartSyncExecution', given) }
      return { executionArn: (await states('StartExecution', given)).executionArn ?? '' }
    },
    onSuccess: ({ executionArn }) => {
      remember(stateMachineArn, input)
      if (executionArn === undefined) return
      onClose()
      go(pathTo('execution', executionArn))
    },
  })
  const tellMember = ({ name, kinds }: MissingMember) => `${name} (${kinds.map((kind) => t(WORD_OF_KIND[kind])).join(', ')})`
  const ended = start.data?.ended
  const nameFault = name === '' ? undefined : nameProblem(name)
  const canStart = parsed.fault === undefined && nameFault === undefined && machine !== undefined
  return (
    <Modal
      visible
      size="large"
      header={t('start')}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={onClose}>{t(ended ? 'close' : 'cancel')}</Button>
            <Button variant="primary" disabled={!canStart} loading={start.isPending} onClick={() => start.mutate()}>
              {t('start')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Problem error={start.error} />
        {targets.length > 1 && (
          <label>
            {t('startWhat')}{' '}
            <select className="choice" value={target} onChange={(event) => setTarget(event.target.value)}>
              {targets.map(([arn, label]) => (
                <option key={arn} value={arn}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        )}
        <FormField label={t('nameOptional')} errorText={nameFault && t(nameFault)}>
          <Input value={name} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
        <FormField
          label={t('input')}
          errorText={parsed.fault && t('inputInvalid', { reason: tellDiagnostic({ message: parsed.fault }, language) })}
          warningText={
            missing.length > 0 && t('inputUsual', { names: missing.slice(0, MISSING_SHOWN).map(tellMember).join(', ') })
          }
          stretch
        >
          <Suspense fallback={<Loading />}>
            <JsonEditor
              text={input}
              label={t('input')}
              names={shape ? namesOf(shape) : []}
              onChange={setInput}
              onSubmit={() => canStart && !start.isPending && start.mutate()}
            />
          </Suspense>
        </FormField>
        <div className="toolbar">
          <button type="button" disabled={parsed.fault !== undefined} onClick={() => setInput(indented(input))}>
            {t('format')}
          </button>
          {shape && (
            <button type="button" onClick={() => setInput(indented(exampleOf(shape)))}>
              {t('fillExample')}
            </button>
          )}
          {recent.length > 0 && (
            <select aria-label={t('recentInputs')} value="" onChange={(event) => setInput(indented(event.target.value))}>
              <option value="">{t('recentInputs')}</option>
              {recent.map((one) => (
                <option key={one} value={one}>
                  {one.replaceAll(/\s+/g, ' ').slice(0, 60)}
                </option>
              ))}
            </select>
          )}
          <label className="file">
            {t('upload')}
            <input
              type="file"
              accept=".json"
              onChange={(event) => void event.target.files?.[0]?.text().then((text) => setInput(indented(text)))}
            />
          </label>
        </div>
        {ended && (
          <section aria-label={t('result')}>
            <p role="status">
              <Status status={ended.status} /> {ended.error} {ended.cause?.slice(0, 2_000)}
            </p>
            <JsonView label={t('output')} text={ended.output} />
            <Link to={pathTo('execution', ended.executionArn)}>{t('lookAtStates')}</Link>
          </section>
        )}
      </SpaceBetween>
    </Modal>
  )
}

const MISSING_SHOWN = 8
const WORD_OF_KIND = {
  object: 'kindObject',
  array: 'kindArray',
  string: 'kindString',
  number: 'kindNumber',
  boolean: 'kindBoolean',
  null: 'kindNull',
} as const satisfies Readonly<Record<Kind, MessageKey>>

const LOOKED_AT = 20

/** What earlier executions were started with. Undefined before it is known. */
function useEarlier(stateMachineArn: string, enabled: boolean) {
  const { data } = useQuery({
    queryKey: ['earlier', stateMachineArn],
    queryFn: async ({ signal }) => {
      const { executions = [] } = await states('ListExecutions', { stateMachineArn, maxResults: LOOKED_AT }, signal)
      const descriptions = await Promise.all(
        executions.map(({ executionArn }) => states('DescribeExecution', { executionArn }, signal)),
      )
      const inputs = descriptions.flatMap(({ input }) => input ?? [])
      return { shape: inputs.length === 0 ? undefined : guessShape(inputs), latest: descriptions[0]?.input }
    },
    enabled,
    // What is being written must not change under the hands.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  return data
}

interface Parsed {
  readonly value?: Json
  readonly fault?: string
}

function parse(text: string): Parsed {
  try {
    return { value: JSON.parse(text) as Json }
  } catch {
    return { fault: findJsonSyntaxError(text).message }
  }
}
