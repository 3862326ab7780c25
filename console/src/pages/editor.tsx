/** A definition in text and picture, in step; checked as it is typed. What is edited is a document of text: nothing else is kept. */
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react'
import { parse, stringify } from 'yaml'

import { states } from '../api/client.ts'
import { CodeEditor } from '../editor/code-editor.tsx'
import { diagnose, type Found } from '../editor/diagnose.ts'
import { jsonOf, notationOf, type Span, spanOfState, stateAt } from '../model/source.ts'
import { Problem } from '../parts/error.tsx'
import { Loading } from '../parts/loading.tsx'
import { go, pathTo } from '../router.tsx'
import { useWords } from '../words/words.tsx'
import type { PageProps } from './index.ts'

const DefinitionGraph = lazy(() => import('../graph/definition-graph.tsx'))

const BLANK = JSON.stringify(
  { Comment: '', QueryLanguage: 'JSONata', StartAt: 'First', States: { First: { Type: 'Pass', End: true } } },
  null,
  2,
)
/** Any role will do here; on AWS it would have to exist. */
const ROLE = 'arn:aws:iam::000000000000:role/regente'

export default function EditorPage({ subject: stateMachineArn, query }: PageProps) {
  const { t } = useWords()
  const existing = useQuery({
    queryKey: ['machine', stateMachineArn],
    queryFn: ({ signal }) => states('DescribeStateMachine', { stateMachineArn }, signal),
    enabled: stateMachineArn !== '',
    refetchOnWindowFocus: false,
  })
  if (stateMachineArn === '')
    return <Editing firstText={query.has('empty') ? '' : BLANK} firstName="" arn="" firstType="STANDARD" />
  if (!existing.data) return existing.error ? <Problem error={existing.error} /> : <p>{t('loading')}</p>
  const { definition = '', name = '', type } = existing.data
  return <Editing firstText={definition} firstName={name} arn={stateMachineArn} firstType={type ?? 'STANDARD'} />
}

interface EditingProps {
  readonly firstText: string
  readonly firstName: string
  /** Empty where the machine is new. */
  readonly arn: string
  readonly firstType: 'STANDARD' | 'EXPRESS'
}

function Editing({ firstText, firstName, arn, firstType }: EditingProps) {
  const { t } = useWords()
  const [text, setText] = useState(firstText)
  const [name, setName] = useState(firstName)
  const [type, setType] = useState(firstType)
  const [target, setTarget] = useState<Span>()
  const [selected, setSelected] = useState<string>()
  const settled = useDeferredValue(text)
  const found = useMemo(() => diagnose(settled, type), [settled, type])
  const json = useMemo(() => safely(() => jsonOf(settled)) ?? '', [settled])
  const choose = useCallback(
    (state: string) => {
      setSelected(state)
      setTarget(spanOfState(text, state))
    },
    [text],
  )
  const save = useMutation({
    mutationFn: async (_isRun: boolean) => {
      const definition = jsonOf(text)
      if (arn === '') return (await states('CreateStateMachine', { name, definition, roleArn: ROLE, type })).stateMachineArn ?? ''
      await states('UpdateStateMachine', { stateMachineArn: arn, definition })
      return arn
    },
    onSuccess: (saved, isRun) => {
      if (isRun) go(pathTo('machine', saved, { input: '{}' }))
      else if (arn === '') go(pathTo('editor', saved), { replace: true })
    },
  })
  useUnsavedWarning(text !== firstText && !save.isSuccess)
  const isBroken = found.some(({ severity }) => severity === 'ERROR')
  return (
    <SpaceBetween size="s">
      <Problem error={save.error} />
      <div className="toolbar">
        <h1>{arn === '' ? t('createMachine') : name}</h1>
        <span className="spacer" />
        {arn === '' && (
          <>
            <label>
              {t('name')} <input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
            </label>
            <select
              aria-label={t('type')}
              value={type}
              onChange={(event) => setType(event.target.value as 'STANDARD' | 'EXPRESS')}
            >
              <option value="STANDARD">{t('standard')}</option>
              <option value="EXPRESS">{t('express')}</option>
            </select>
          </>
        )}
        <Upload onText={setText} />
        <button type="button" onClick={() => setText(formatted(text))}>
          {t('format')}
        </button>
        <button type="button" onClick={() => setText(converted(text))}>
          {notationOf(text) === 'JSON' ? 'YAML' : 'JSON'}
        </button>
        <Button disabled={isBroken || name === ''} loading={save.isPending} onClick={() => save.mutate(false)}>
          {t('save')}
        </Button>
        <Button variant="primary" disabled={isBroken || name === ''} onClick={() => save.mutate(true)}>
          {t('saveAndRun')}
        </Button>
      </div>
      {save.isSuccess && <p role="status">{t('saved')}</p>}
      <div className="workbench">
        <CodeEditor
          text={text}
          type={type}
          label={t('definition')}
          target={target}
          onChange={setText}
          onCursor={(offset) => setSelected(stateAt(text, offset))}
        />
        <div className="panel">
          <Suspense fallback={<Loading />}>
            <DefinitionGraph text={json} selected={selected} onSelect={choose} />
          </Suspense>
        </div>
      </div>
      <Problems found={found} onGo={setTarget} />
    </SpaceBetween>
  )
}

function Problems({ found, onGo }: { readonly found: readonly Found[]; readonly onGo: (span: Span) => void }) {
  const { t } = useWords()
  return (
    <section className="panel" aria-label={t('diagnostics')} aria-live="polite">
      <b>{found.length === 0 ? t('noProblems') : `${t('diagnostics')} (${found.length})`}</b>
      {found.slice(0, 50).map(({ severity, code, message, location, from, to }) => (
        <p key={`${code}${location}${message}`}>
          <i className={`dot ${severity === 'ERROR' ? 'failed' : 'caught'}`} />
          <button type="button" className="plain" onClick={() => onGo({ from, to })}>
            {code}
          </button>{' '}
          {message} <span className="arn">{location}</span>
        </p>
      ))}
    </section>
  )
}

function Upload({ onText }: { readonly onText: (text: string) => void }) {
  const { t } = useWords()
  return (
    <input
      type="file"
      accept=".json,.yaml,.yml,.asl"
      aria-label={t('upload')}
      onChange={(event) => void event.target.files?.[0]?.text().then(onText)}
    />
  )
}

function useUnsavedWarning(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isUnsaved])
}

const formatted = (text: string): string =>
  safely(() => (notationOf(text) === 'JSON' ? JSON.stringify(JSON.parse(text), null, 2) : stringify(parse(text)))) ?? text
const converted = (text: string): string =>
  safely(() => (notationOf(text) === 'JSON' ? stringify(JSON.parse(text)) : jsonOf(text))) ?? text

/** What cannot be read is left as it is; the problems say why. */
function safely<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
