/** CodeMirror as a component: text in, text and cursor out; what may stand there offered, explained and checked. */
import { autocompletion } from '@codemirror/autocomplete'
import { json } from '@codemirror/lang-json'
import { yaml } from '@codemirror/lang-yaml'
import { linter, lintGutter } from '@codemirror/lint'
import { Compartment, EditorState, Prec } from '@codemirror/state'
import { keymap } from '@codemirror/view'
import { basicSetup, EditorView } from 'codemirror'
import { useEffect, useRef } from 'react'

import { notationOf } from '../../../src/source/source.ts'
import type { Range } from '../../../src/source/tree.ts'
import { tellDiagnostic } from '../messages/diagnostics.ts'
import { FIELD_TEXTS } from '../messages/fields.ts'
import { useMessages } from '../messages/messages.tsx'
import { EDITOR_PHRASES } from '../messages/phrases.ts'
import { completionFrom } from './completion.ts'
import { type DefinitionReader, openDefinitionReader } from './definition-reader.ts'
import type { MachineType } from './diagnose.ts'
import { fieldHover } from './hover.ts'
import { namesHere } from './local-names.ts'
import { codeLook } from './look.ts'
import type { Checked } from './reading.ts'
import { useShownText } from './shown-text.ts'

interface CodeEditorProps {
  readonly text: string
  readonly type: MachineType
  readonly label: string
  /** Where to jump; a new object jumps again. */
  readonly target: Range | undefined
  readonly onChange: (text: string) => void
  /** The name of the state that the cursor stands in, when the cursor rests. */
  readonly onState: (name: string | undefined) => void
  readonly onChecked: (checked: Checked, text: string) => void
  /** `Ctrl+S`, and `Ctrl+Enter`. */
  readonly onSave: (isRun: boolean) => void
}

const CHECK_AFTER_MS = 200
const FOLLOW_AFTER_MS = 150

export function CodeEditor(props: CodeEditorProps) {
  const { text, type, label, target } = props
  const { t, language } = useMessages()
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const notation = useRef(new Compartment())
  const checks = useRef(new Compartment())
  const phrases = useRef(new Compartment())
  /** Apart from the one that checks: who asks for a word must not wait for a long check. */
  const reader = useRef<DefinitionReader>(undefined)
  const current = useRef({ ...props, t, language })
  current.current = { ...props, t, language }
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes goes in below
  useEffect(() => {
    if (!place.current) return
    const helper = openDefinitionReader()
    reader.current = helper
    let following: ReturnType<typeof setTimeout> | undefined
    const follow = (editor: EditorView) => {
      clearTimeout(following)
      following = setTimeout(async () => {
        const { doc, selection } = editor.state
        const name = await helper.ask('state', { text: doc.toString(), offset: selection.main.head })
        if (name !== undefined && editor.state.doc.eq(doc)) current.current.onState(name)
      }, FOLLOW_AFTER_MS)
    }
    const key = (key: string, isRun: boolean) => ({
      key,
      preventDefault: true,
      run: () => {
        current.current.onSave(isRun)
        return true
      },
    })
    const describe = (field: string) =>
      Object.hasOwn(FIELD_TEXTS, field) ? FIELD_TEXTS[field]?.[current.current.language] : undefined
    view.current = new EditorView({
      parent: place.current,
      doc: text,
      extensions: [
        ...[
          basicSetup,
          codeLook,
          lintGutter(),
          autocompletion({ override: [completionFrom({ reader: () => reader.current, describe, namesOf: namesHere })] }),
          EditorView.lineWrapping,
          Prec.highest(keymap.of([key('Mod-s', false), key('Mod-Enter', true)])),
        ],
        phrases.current.of([]),
        notation.current.of([]),
        checks.current.of([]),
        fieldHover(() => ({ describe, onAws: current.current.t('onAwsPage') })),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) current.current.onChange(update.state.doc.toString())
          if (update.selectionSet && update.view.hasFocus) follow(update.view)
        }),
      ],
    })
    return () => {
      clearTimeout(following)
      helper.close()
      view.current?.destroy()
    }
  }, [])
  useEffect(() => {
    const checker = openDefinitionReader()
    const check = async ({ state }: EditorView) => {
      const text = state.doc.toString()
      const checked = await checker.ask('check', { text, type })
      if (!checked) return []
      current.current.onChecked(checked, text)
      return checked.found.map((one) => ({
        from: one.from,
        to: one.to,
        message: `${one.code}: ${tellDiagnostic(one, language)}`,
        severity: one.severity === 'ERROR' ? ('error' as const) : ('warning' as const),
      }))
    }
    const effects = [
      checks.current.reconfigure(linter(check, { delay: CHECK_AFTER_MS })),
      phrases.current.reconfigure(EditorState.phrases.of(EDITOR_PHRASES[language])),
    ]
    view.current?.dispatch({ effects })
    return checker.close
  }, [type, language])
  useShownText(view, text)
  const kind = notationOf(text)
  useEffect(() => {
    view.current?.dispatch({ effects: notation.current.reconfigure(kind === 'JSON' ? json() : yaml()) })
  }, [kind])
  useEffect(() => {
    if (!target || !view.current) return
    const length = view.current.state.doc.length
    view.current.dispatch({
      selection: { anchor: Math.min(target.from, length), head: Math.min(target.to, length) },
      scrollIntoView: true,
    })
  }, [target])
  return <div className="code" ref={place} />
}
