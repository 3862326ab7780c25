/** CodeMirror as a component: text in, text and cursor out; what may stand there offered, explained and checked. */
import { autocompletion } from '@codemirror/autocomplete'
import { json } from '@codemirror/lang-json'
import { yaml } from '@codemirror/lang-yaml'
import { linter, lintGutter } from '@codemirror/lint'
import { Compartment } from '@codemirror/state'
import { basicSetup, EditorView } from 'codemirror'
import { useEffect, useRef } from 'react'

import { notationOf } from '../../../src/source/source.ts'
import type { Range } from '../../../src/source/tree.ts'
import { FIELD_TEXTS } from '../messages/fields.ts'
import { useMessages } from '../messages/messages.tsx'
import { completionFrom } from './completion.ts'
import type { Found, MachineType } from './diagnose.ts'
import { openDiagnoser } from './diagnoser.ts'
import { fieldHover } from './hover.ts'
import { codeLook } from './look.ts'

interface CodeEditorProps {
  readonly text: string
  readonly type: MachineType
  readonly label: string
  /** Where to jump; a new object jumps again. */
  readonly target: Range | undefined
  readonly onChange: (text: string) => void
  readonly onCursor: (offset: number) => void
  readonly onFound: (found: readonly Found[], text: string) => void
}

const CHECK_AFTER_MS = 200

export function CodeEditor(props: CodeEditorProps) {
  const { text, type, label, target } = props
  const { t, language } = useMessages()
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const notation = useRef(new Compartment())
  const checks = useRef(new Compartment())
  const current = useRef({ ...props, t, language })
  current.current = { ...props, t, language }
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes goes in below
  useEffect(() => {
    if (!place.current) return
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
          autocompletion({ override: [completionFrom(describe)] }),
          EditorView.lineWrapping,
        ],
        notation.current.of([]),
        checks.current.of([]),
        fieldHover(() => ({ describe, onAws: current.current.t('onAwsPage') })),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) current.current.onChange(update.state.doc.toString())
          if (update.selectionSet && update.view.hasFocus) current.current.onCursor(update.state.selection.main.head)
        }),
      ],
    })
    return () => view.current?.destroy()
  }, [])
  useEffect(() => {
    const diagnoser = openDiagnoser()
    const check = async ({ state }: EditorView) => {
      const checked = state.doc.toString()
      const found = await diagnoser.check(checked, type)
      if (!found) return []
      current.current.onFound(found, checked)
      return found.map(({ severity, code, message, from, to }) => ({
        from,
        to,
        message: `${code}: ${message}`,
        severity: severity === 'ERROR' ? ('error' as const) : ('warning' as const),
      }))
    }
    view.current?.dispatch({ effects: checks.current.reconfigure(linter(check, { delay: CHECK_AFTER_MS })) })
    return diagnoser.close
  }, [type])
  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === text) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } })
  }, [text])
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
