/** A JSON text: coloured, checked with line and column, names offered. Tab leaves it, as it leaves any field. */
import { autocompletion, type CompletionContext } from '@codemirror/autocomplete'
import { json } from '@codemirror/lang-json'
import { type Diagnostic, linter, lintGutter } from '@codemirror/lint'
import { EditorState, Prec } from '@codemirror/state'
import { keymap } from '@codemirror/view'
import { basicSetup, EditorView } from 'codemirror'
import { useEffect, useRef } from 'react'

import { readJson } from '../../../src/source/json.ts'
import { tellDiagnostic } from '../messages/diagnostics.ts'
import { useMessages } from '../messages/messages.tsx'
import { EDITOR_PHRASES } from '../messages/phrases.ts'
import { codeLook } from './look.ts'
import { useShownText } from './shown-text.ts'

interface JsonEditorProps {
  readonly text: string
  readonly label: string
  readonly names: readonly string[]
  readonly onChange: (text: string) => void
  /** `Ctrl+Enter`. */
  readonly onSubmit?: () => void
}

export default function JsonEditor(props: JsonEditorProps) {
  const { text, label } = props
  const { language } = useMessages()
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const current = useRef(props)
  current.current = props
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes goes in below
  useEffect(() => {
    if (!place.current) return
    const complete = (context: CompletionContext) => {
      const word = context.matchBefore(/"[\w -]*$/)
      if (!word) return null
      return { from: word.from + 1, options: current.current.names.map((name) => ({ label: name, type: 'property' })) }
    }
    const syntaxError = ({ state }: EditorView): Diagnostic[] => {
      const { problem } = readJson(state.doc.toString())
      if (!problem) return []
      const at = Math.max(0, problem.offset - 1)
      return [{ from: at, to: at, severity: 'error', message: tellDiagnostic(problem, language) }]
    }
    const submit = () => {
      current.current.onSubmit?.()
      return current.current.onSubmit !== undefined
    }
    const editor = new EditorView({
      parent: place.current,
      doc: text,
      extensions: [
        ...[basicSetup, codeLook, json(), lintGutter(), linter(syntaxError), autocompletion({ override: [complete] })],
        Prec.highest(keymap.of([{ key: 'Mod-Enter', preventDefault: true, run: submit }])),
        EditorState.phrases.of(EDITOR_PHRASES[language]),
        ...[EditorView.lineWrapping, EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })],
        EditorView.updateListener.of(({ docChanged, state }) => docChanged && current.current.onChange(state.doc.toString())),
      ],
    })
    view.current = editor
    // In a dialog, this is what one has come to write, unless one writes elsewhere already: the editor may come late.
    if (current.current.onSubmit && !document.activeElement?.matches('input, textarea, select')) editor.focus()
    return () => editor.destroy()
  }, [])
  useShownText(view, text)
  return <div className="code small" ref={place} />
}
