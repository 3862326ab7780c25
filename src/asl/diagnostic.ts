/** One thing wrong, or doubtful, in a definition. Source: API reference, ValidateStateMachineDefinitionDiagnostic. */
export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING'
  readonly code: string
  readonly message: string
  /** As AWS names places: `/States/A/Choices[0]/Next`. */
  readonly location?: string
}
