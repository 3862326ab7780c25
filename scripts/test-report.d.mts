interface FileReport {
  readonly name: string
  readonly status: string
  readonly message: string
  readonly assertionResults: readonly {
    readonly status: string
    readonly fullName: string
    readonly failureMessages: readonly string[]
  }[]
}
interface Report {
  readonly success: boolean
  readonly testResults: readonly FileReport[]
}
export declare function failedFiles(report: Report): string[]
export declare function failures(report: Report): string[]
export declare function mergeReports(first: Report, second: Report): Report
