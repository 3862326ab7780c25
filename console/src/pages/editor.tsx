/** A definition in text and picture, in step; checked as it is typed. What is edited is a document of text: nothing else is kept. */
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react'

import { Document } from '../../../src/asl/document/document.ts'
import { print } from '../../../src/source/print.ts'
import { type Notation, notationOf } from '../../../src/source/source.ts'
import type { Range } from '../../../src/source/tree.ts'
import { states } from '../api/client.ts'
import { queryMachine } from '../api/machine.ts'
import { CodeEditor } from '../editor/code-editor.tsx'
import type { Found, MachineType } from '../editor/diagnose.ts'
import { dropDraft, keepDraft, readDraft } from '../editor/draft.ts'
import { download } from '../ui/download.ts'
import { Problem } from '../ui/error.tsx'
import { Loading } from '../ui/loading.tsx'
import { go, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { EditorProblems } from './editor-problems.tsx'
import type { PageProps } from './page.ts'

const DefinitionGraph = lazy(() => import('../graph/definition-graph.tsx'))

/** Reading a longer text at every move of the cursor would be felt. */
const FOLLOWED_MAX = 200_000

const BLANK = JSON.stringify(
  { Comment: '', QueryLanguage: 'JSONata', StartAt: 'First', States: { First: { Type: 'Pass', End: true } } },
  null,
  2,
)
/** Any role will do here; on AWS it would have to exist. */
const ROLE = 'arn:aws:iam::000000000000:role/regente'

export default function EditorPage({ subject: stateMachineArn, query }: PageProps) {
  const { t } = useMessages()
  const existing = useQuery({
    ...queryMachine(stateMachineArn),
    enabled: stateMachineArn !== '',
    refetchOnWindowFocus: false,
  })
  if (stateMachineArn === '')
    return <Editing key="new" firstText={query.has('empty') ? '' : BLANK} firstName="" arn="" firstType="STANDARD" />
  if (!existing.data) return existing.error ? <Problem error={existing.error} /> : <p>{t('loading')}</p>
  const { definition = '', name = '', type } = existing.data
  return (
    <Editing key={stateMachineArn} firstText={definition} firstName={name} arn={stateMachineArn} firstType={type ?? 'STANDARD'} />
  )
}

interface EditingProps {
  readonly firstText: string
  readonly firstName: string
  /** Empty where the machine is new. */
  readonly arn: string
  readonly firstType: MachineType
}

function Editing({ firstText, firstName, arn, firstType }: EditingProps) {
  const { t } = useMessages()
  const [saved, setSaved] = useState(firstText)
  const [draft] = useState(() => readDraft(arn))
  const [text, setText] = useState(draft ?? firstText)
  const [name, setName] = useState(firstName)
  const [type, setType] = useState(firstType)
  const [target, setTarget] = useState<Range>()
  const [selected, setSelected] = useState<string>()
  const [checked, setChecked] = useState<{ readonly found: readonly Found[]; readonly text: string }>()
  const settled = useDeferredValue(text)
  const json = useMemo(() => Document.parse(settled).json, [settled])
  const choose = useCallback(
    (state: string) => {
      setSelected(state)
      const document = Document.parse(text)
      const found = document.stateNamed(state)
      setTarget(found && document.rangeOf(found.path))
    },
    [text],
  )
  const goTo = (range: Range) => {
    setTarget(range)
    setSelected(Document.parse(text).stateAt(range.from)?.name)
  }
  const save = useMutation({
    mutationFn: async (_isRun: boolean) => {
      const definition = Document.parse(text).json
      if (arn === '') return (await states('CreateStateMachine', { name, definition, roleArn: ROLE, type })).stateMachineArn ?? ''
      await states('UpdateStateMachine', { stateMachineArn: arn, definition })
      return arn
    },
    onSuccess: (machine, isRun) => {
      dropDraft(arn)
      setSaved(text)
      if (isRun) go(pathTo('machine', machine, { input: '{}' }))
      else if (arn === '') go(pathTo('editor', machine), { replace: true })
    },
  })
  const isChanged = text !== saved
  useDraft(arn, text, isChanged)
  const isBroken = checked?.found.some(({ severity }) => severity === 'ERROR') ?? true
  const cannotSave = isBroken || checked?.text !== text || name === ''
  const revert = () => {
    dropDraft(arn)
    setText(saved)
  }
  return (
    <SpaceBetween size="s">
      <Problem error={save.error} />
      <div className="toolbar">
        <h1>{arn === '' ? t('createMachine') : name}</h1>
        <span className="spacer" />
        {isChanged && <Button onClick={revert}>{t('discard')}</Button>}
        <Button disabled={cannotSave} loading={save.isPending} onClick={() => save.mutate(false)}>
          {t('save')}
        </Button>
        <Button variant="primary" disabled={cannotSave} onClick={() => save.mutate(true)}>
          {t('saveAndRun')}
        </Button>
      </div>
      <div className="toolbar">
        {arn === '' && (
          <>
            <label>
              {t('name')} <input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
            </label>
            <select aria-label={t('type')} value={type} onChange={(event) => setType(event.target.value as MachineType)}>
              <option value="STANDARD">{t('standard')}</option>
              <option value="EXPRESS">{t('express')}</option>
            </select>
          </>
        )}
        <button type="button" onClick={() => setText(printed(text, notationOf(text)))}>
          {t('format')}
        </button>
        <button type="button" onClick={() => setText(printed(text, notationOf(text) === 'JSON' ? 'YAML' : 'JSON'))}>
          {notationOf(text) === 'JSON' ? t('toYaml') : t('toJson')}
        </button>
        <Upload onText={setText} />
        <button type="button" onClick={() => saveFile(name, text)}>
          {t('download')}
        </button>
        {draft !== undefined && isChanged && <span role="status">{t('draftKept')}</span>}
        {save.isSuccess && !isChanged && <span role="status">{t('saved')}</span>}
      </div>
      <div className="workbench even">
        <CodeEditor
          text={text}
          type={type}
          target={target}
          label={t('definition')}
          onChange={setText}
          onCursor={(offset) => text.length < FOLLOWED_MAX && setSelected(Document.parse(text).stateAt(offset)?.name)}
          onFound={(found, text) => setChecked({ found, text })}
        />
        <div className="panel">
          <Suspense fallback={<Loading />}>
            <DefinitionGraph text={json} selected={selected} onSelect={choose} />
          </Suspense>
        </div>
      </div>
      <EditorProblems checked={checked} onGo={goTo} />
    </SpaceBetween>
  )
}

const DRAFT_AFTER_MS = 500

/** Nothing that was typed is lost: it is kept in this browser, and the page asks before it is left. */
function useDraft(machine: string, text: string, isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) return
    const keeping = setTimeout(keepDraft, DRAFT_AFTER_MS, machine, text)
    const ask = (event: BeforeUnloadEvent) => {
      keepDraft(machine, text)
      event.preventDefault()
    }
    addEventListener('beforeunload', ask)
    return () => {
      clearTimeout(keeping)
      removeEventListener('beforeunload', ask)
    }
  }, [machine, text, isChanged])
}

function Upload({ onText }: { readonly onText: (text: string) => void }) {
  const { t } = useMessages()
  return (
    <label className="file">
      {t('upload')}
      <input type="file" accept=".json,.yaml,.yml,.asl" onChange={(event) => void event.target.files?.[0]?.text().then(onText)} />
    </label>
  )
}

function saveFile(name: string, text: string): void {
  const isJson = notationOf(text) === 'JSON'
  download(new Blob([text]), `${name === '' ? 'workflow' : name}.asl.${isJson ? 'json' : 'yaml'}`)
}

/** What cannot be read is left as it is; the problems say why. */
function printed(text: string, notation: Notation): string {
  const { source, value } = Document.parse(text)
  return source.problems.length > 0 ? text : print(value, notation)
}
