export declare function makeDataFolder(root: string): string
