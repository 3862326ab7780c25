export declare const CLIENT_TOOLS: string
export declare function hasClientTools(): boolean
