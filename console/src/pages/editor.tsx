/** A definition in text and picture, in step; checked as it is typed. What is edited is a document of text: nothing else is kept. */
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { memo, Suspense, useCallback, useDeferredValue, useEffect, useRef, useState } from 'react'

import { Document } from '../../../src/asl/document/document.ts'
import { notationOf } from '../../../src/source/source.ts'
import type { Range } from '../../../src/source/tree.ts'
import { type OutputOf, states } from '../api/client.ts'
import { queryMachine } from '../api/machine.ts'
import { CodeEditor } from '../editor/code-editor.tsx'
import type { Found, MachineType } from '../editor/diagnose.ts'
import { dropDraft, dropYaml, keepDraft, keepYaml, readDraft, readYaml } from '../editor/draft.ts'
import { nameProblem } from '../model/names.ts'
import { Problem } from '../ui/error.tsx'
import { lazily } from '../ui/lazily.ts'
import { Loading } from '../ui/loading.tsx'
import { go, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { EditorConflict, type Revision } from './editor-conflict.tsx'
import { EditorProblems } from './editor-problems.tsx'
import { EditorTools } from './editor-tools.tsx'
import type { PageProps } from './page.ts'

const DefinitionGraph = memo(lazily(() => import('../graph/definition-graph.tsx')))

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
    refetchOnMount: 'always',
  })
  if (stateMachineArn === '')
    return (
      <Editing
        key="new"
        first={{ id: '', definition: query.has('empty') ? '' : BLANK }}
        firstName=""
        arn=""
        firstType="STANDARD"
      />
    )
  // What is edited is what is there now, not what was there when the machine was last looked at.
  if (!existing.data || !existing.isFetchedAfterMount)
    return existing.error ? <Problem error={existing.error} /> : <p>{t('loading')}</p>
  const { name = '', type } = existing.data
  return (
    <Editing
      key={stateMachineArn}
      first={revisionOf(existing.data)}
      firstName={name}
      arn={stateMachineArn}
      firstType={type ?? 'STANDARD'}
    />
  )
}

/** A machine that was never changed has no revision's name. */
const revisionOf = ({ revisionId = '', definition = '' }: OutputOf<'DescribeStateMachine'>): Revision => ({
  id: revisionId,
  definition,
})

interface EditingProps {
  readonly first: Revision
  readonly firstName: string
  /** Empty where the machine is new. */
  readonly arn: string
  readonly firstType: MachineType
}

/** The server has another definition than the one that was begun from. */
class Conflict extends Error {
  readonly theirs: Revision
  constructor(theirs: Revision) {
    super('The definition has changed on the server.')
    this.theirs = theirs
  }
}

function Editing({ first, firstName, arn, firstType }: EditingProps) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const [firstText] = useState(() => readYaml(arn, first.definition) ?? first.definition)
  const [saved, setSaved] = useState(firstText)
  const [draft] = useState(() => readDraft(arn))
  const [text, setText] = useState(draft?.text ?? firstText)
  const [name, setName] = useState(firstName)
  const [type, setType] = useState(firstType)
  const [base, setBase] = useState(draft && arn !== '' ? draft.revisionId : first.id)
  const [theirs, setTheirs] = useState(draft && arn !== '' && draft.revisionId !== first.id ? first : undefined)
  const [target, setTarget] = useState<Range>()
  const [selected, setSelected] = useState<string>()
  const [checked, setChecked] = useState<{ readonly found: readonly Found[]; readonly text: string }>()
  const [picture, setPicture] = useState('')
  const shown = useDeferredValue(picture)
  // A picture of a thousand states must not be drawn anew for a key: what it is handed stays the same.
  const now = useRef(text)
  now.current = text
  const choose = useCallback((state: string) => {
    setSelected(state)
    const document = Document.parse(now.current)
    const found = document.stateNamed(state)
    setTarget(found && document.rangeOf(found.path))
  }, [])
  const goTo = useCallback((range: Range) => {
    setTarget(range)
    setSelected(Document.parse(now.current).stateAt(range.from)?.name)
  }, [])
  const save = useMutation({
    mutationFn: async (_isRun: boolean) => {
      const definition = Document.parse(text).json
      if (arn === '') return (await states('CreateStateMachine', { name, definition, roleArn: ROLE, type })).stateMachineArn ?? ''
      const there = revisionOf(await states('DescribeStateMachine', { stateMachineArn: arn }))
      if (there.id !== base) throw new Conflict(there)
      const { revisionId = '' } = await states('UpdateStateMachine', { stateMachineArn: arn, definition })
      setBase(revisionId)
      return arn
    },
    onError: (error) => {
      if (error instanceof Conflict) setTheirs(error.theirs)
    },
    onSuccess: (machine, isRun) => {
      dropDraft(arn)
      if (notationOf(text) === 'YAML') keepYaml(machine, text)
      else dropYaml(machine)
      setSaved(text)
      void queries.invalidateQueries({ queryKey: ['machine', machine] })
      if (isRun) go(pathTo('machine', machine, { input: '' }))
      else if (arn === '') go(pathTo('editor', machine), { replace: true })
    },
  })
  const isChanged = text !== saved
  useDraft(arn, text, isChanged, base)
  const nameFault = arn === '' ? nameProblem(name) : undefined
  const reason = whyNotSaved()
  function whyNotSaved(): string | undefined {
    if (theirs) return t('conflictFirst')
    if (nameFault) return t(nameFault)
    if (checked?.text !== text) return t('checking')
    return checked.found.some(({ severity }) => severity === 'ERROR') ? t('saveFaulty') : undefined
  }
  const question = useRef<HTMLDivElement>(null)
  const trySave = (isRun: boolean) => {
    // Who wants to save is led to what has to be decided first.
    if (theirs) question.current?.focus()
    else if (reason === undefined && !save.isPending) save.mutate(isRun)
  }
  const revert = () => {
    dropDraft(arn)
    setText(saved)
  }
  const takeTheirs = (revision: Revision) => {
    const text = readYaml(arn, revision.definition) ?? revision.definition
    dropDraft(arn)
    setSaved(text)
    setText(text)
    setBase(revision.id)
    setTheirs(undefined)
    save.reset()
  }
  const keepMine = (revision: Revision) => {
    setSaved(revision.definition)
    setBase(revision.id)
    setTheirs(undefined)
    save.reset()
  }
  return (
    <SpaceBetween size="s">
      {theirs ? (
        <div ref={question} tabIndex={-1}>
          <EditorConflict theirs={theirs} mine={text} onTheirs={takeTheirs} onMine={keepMine} />
        </div>
      ) : (
        <Problem error={save.error} />
      )}
      <div className="toolbar">
        <h1>{arn === '' ? t('createMachine') : name}</h1>
        <span className="spacer" />
        {!nameFault && reason !== undefined && isSaveWanted(arn, isChanged) && <Reason text={reason} />}
        {isChanged && <Button onClick={revert}>{t('discard')}</Button>}
        <Button
          disabled={reason !== undefined && !theirs}
          loading={save.isPending}
          ariaDescribedby={WHY_ID}
          onClick={() => trySave(false)}
        >
          {t('save')}
        </Button>
        <Button variant="primary" disabled={reason !== undefined && !theirs} onClick={() => trySave(true)}>
          {t('saveAndRun')}
        </Button>
      </div>
      <EditorTools text={text} name={name} onText={setText}>
        {arn === '' && (
          <>
            <label>
              {t('name')} <input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
            </label>
            <select aria-label={t('type')} value={type} onChange={(event) => setType(event.target.value as MachineType)}>
              <option value="STANDARD">{t('standard')}</option>
              <option value="EXPRESS">{t('express')}</option>
            </select>
            {nameFault && <Reason text={t(nameFault)} />}
          </>
        )}
        {draft !== undefined && isChanged && <span role="status">{t('draftKept')}</span>}
        {save.isSuccess && !isChanged && (
          <span role="status">
            {t('saved')} {notationOf(text) === 'YAML' && t('yamlKept')}
          </span>
        )}
      </EditorTools>
      <div className="workbench even">
        <CodeEditor
          text={text}
          type={type}
          target={target}
          label={t('definition')}
          onChange={setText}
          onState={setSelected}
          onChecked={({ found, picture }, text) => {
            setChecked({ found, text })
            if (picture !== undefined) setPicture(picture)
          }}
          onSave={trySave}
        />
        <div className="panel">
          <Suspense fallback={<Loading />}>
            <DefinitionGraph text={shown} selected={selected} onSelect={choose} />
          </Suspense>
        </div>
      </div>
      <EditorProblems checked={checked} onGo={goTo} />
    </SpaceBetween>
  )
}

const WHY_ID = 'why-not-saved'

/** Why the buttons that save are grey. */
const Reason = ({ text }: { readonly text: string }) => (
  <span className="reason" id={WHY_ID}>
    {text}
  </span>
)

/** Nobody asks why what is already saved cannot be saved. */
const isSaveWanted = (arn: string, isChanged: boolean): boolean => arn === '' || isChanged

const DRAFT_AFTER_MS = 500

/** Nothing that was typed is lost: it is kept in this browser, and the page asks before it is left. */
function useDraft(machine: string, text: string, isChanged: boolean, revisionId: string | undefined): void {
  useEffect(() => {
    if (!isChanged) return
    const draft = { text, revisionId }
    const keeping = setTimeout(keepDraft, DRAFT_AFTER_MS, machine, draft)
    const ask = (event: BeforeUnloadEvent) => {
      keepDraft(machine, draft)
      event.preventDefault()
    }
    addEventListener('beforeunload', ask)
    return () => {
      clearTimeout(keeping)
      removeEventListener('beforeunload', ask)
    }
  }, [machine, text, isChanged, revisionId])
}
